import type { ServiceDefinition } from '#service-kit';
import { SocialFeedConfig } from './config.js';
import { SocialFeedModule } from './social-feed.module.js';

export const definition: ServiceDefinition<SocialFeedConfig> = {
  name: 'social-feed',
  config: SocialFeedConfig,
  module: (config) => SocialFeedModule.with(config),
};
