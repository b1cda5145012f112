import type { ServiceDefinition } from '#service-kit';
import { ReputationConfig } from './config.js';
import { ReputationModule } from './reputation.module.js';

export const definition: ServiceDefinition = {
  name: 'reputation',
  config: ReputationConfig,
  module: () => ReputationModule,
};
