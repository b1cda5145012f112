import type { ServiceDefinition } from '#service-kit';
import { OrderConfig } from './config.js';
import { OrderModule } from './order.module.js';

export const definition: ServiceDefinition<OrderConfig> = {
  name: 'order',
  config: OrderConfig,
  module: (config) => OrderModule.forService(config),
};
