import type { ServiceName } from '#contracts';
import type { ServiceDefinition } from '#service-kit';

/** The services that answer operations and consume events, each loaded only where it is to run. */
const SERVICES = {
  identity: async () => (await import('../../../identity/src/identity.service.js')).definition,
  catalog: async () => (await import('../../../catalog/src/catalog.service.js')).definition,
  order: async () => (await import('../../../order/src/order.service.js')).definition,
  'social-feed': async () => (await import('../../../social-feed/src/social-feed.service.js')).definition,
  reputation: async () => (await import('../../../reputation/src/reputation.service.js')).definition,
} satisfies Record<Exclude<ServiceName, 'gateway'>, () => Promise<ServiceDefinition>>;

export type LaunchedService = keyof typeof SERVICES;

export const SERVICE_NAMES = Object.keys(SERVICES).filter(isLaunchedService);

export function isLaunchedService(name: string): name is LaunchedService {
  return Object.hasOwn(SERVICES, name);
}

export const loadService = (name: LaunchedService): Promise<ServiceDefinition> => SERVICES[name]();
