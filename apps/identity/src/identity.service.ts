import type { ServiceDefinition } from '#service-kit';
import { IdentityConfig } from './config.js';
import { IdentityModule } from './identity.module.js';

export const definition: ServiceDefinition<IdentityConfig> = {
  name: 'identity',
  config: IdentityConfig,
  module: () => IdentityModule,
};
