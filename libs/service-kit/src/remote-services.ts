import type { ServiceName } from '#contracts';
import { addressOf, type ServiceConfig } from './config.js';
import { TcpChannel } from './tcp-channel.js';

const ANSWERING: readonly ServiceName[] = ['identity', 'catalog', 'order', 'social-feed', 'reputation'];

/** Channels to services of other processes. Nothing connects before the first call. */
export function remoteServices(
  config: ServiceConfig,
  services: readonly ServiceName[] = ANSWERING,
): ReadonlyMap<ServiceName, TcpChannel> {
  const channels = new Map<ServiceName, TcpChannel>();
  for (const service of services) {
    const address = addressOf(service, config);
    if (address) channels.set(service, new TcpChannel(service, address));
  }
  return channels;
}
