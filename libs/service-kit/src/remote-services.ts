import type { ServiceName } from '#contracts';
import { addressesOf, type ServiceConfig } from './config.js';
import { Instances, type RemoteService } from './instances.js';
import { TcpChannel } from './tcp-channel.js';

const ANSWERING: readonly ServiceName[] = ['identity', 'catalog', 'order', 'social-feed', 'reputation'];

/** Channels to services of other processes. Nothing connects before the first call. */
export function remoteServices(
  config: ServiceConfig,
  services: readonly ServiceName[] = ANSWERING,
): ReadonlyMap<ServiceName, RemoteService> {
  const channels = new Map<ServiceName, RemoteService>();
  for (const service of services) {
    const [first, ...others] = addressesOf(service, config).map((address) => new TcpChannel(service, address));
    if (first) channels.set(service, others.length === 0 ? first : new Instances([first, ...others]));
  }
  return channels;
}
