import type { ServiceDefinition } from '#service-kit';
import { CatalogModule } from './catalog.module.js';
import { CatalogConfig } from './config.js';

export const definition: ServiceDefinition<CatalogConfig> = {
  name: 'catalog',
  config: CatalogConfig,
  module: (config) => CatalogModule.with(config),
};
