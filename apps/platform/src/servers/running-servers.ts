import type { DataFolder } from '../data/data-folder.js';
import { holderOf } from '#embedded-disk';
import { readRuntime, writeRuntime } from '../data/runtime-file.js';

/** Held by the process that runs embedded servers on a folder; tells where they are. */
export const SERVERS_LOCK = 'servers.lock';

/** Addresses of the servers that some process runs on this folder. */
export function runningServers(folder: DataFolder): { kafkaBrokers?: string; mongodbUri?: string } {
  const { kafkaBrokers, mongodbUri }: Record<string, unknown> = holderOf(folder.path(SERVERS_LOCK)) ?? {};
  return {
    ...(typeof kafkaBrokers === 'string' ? { kafkaBrokers } : {}),
    ...(typeof mongodbUri === 'string' ? { mongodbUri } : {}),
  };
}

/** Puts them into runtime.json, unless there is somebody with more to tell. */
export function publishServers(folder: DataFolder, namespace: string): void {
  const holder = holderOf(folder.path(SERVERS_LOCK));
  const { kafkaBrokers, mongodbUri } = runningServers(folder);
  if (!holder || kafkaBrokers === undefined || mongodbUri === undefined || readRuntime(folder)) return;
  const { pid, bornAt } = holder;
  const identity = { pid, ...(bornAt === undefined ? {} : { bornAt }) };
  writeRuntime(folder, { ...identity, kafkaBrokers, mongodbUri, namespace, startedAt: new Date().toISOString() });
}
