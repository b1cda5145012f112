import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { BrokerFailedError } from './errors.js';
import type { Command, FromWorker, ToWorker } from './worker.messages.js';

/** A broker that does not end by itself within this time is ended: its data is safe at any moment. */
const closeLimitMs = 1_900;

export interface Remote {
  ask(command: Command): Promise<void>;
  close(): Promise<void>;
}

/** The commands that the main thread gives to the broker in its worker. */
export function remoteOf(worker: Worker): Remote {
  let lastId = 0;
  let closing: Promise<void> | undefined;
  const waiting = new Map<number, (error?: string) => void>();
  worker.on('message', (message: FromWorker) => {
    if (message.event === 'done') waiting.get(message.id)?.(message.error);
  });
  worker.on('exit', () => {
    for (const finish of waiting.values()) finish();
  });

  const ask = (command: Command): Promise<void> =>
    new Promise((resolve, reject) => {
      lastId += 1;
      const id = lastId;
      waiting.set(id, (error) => {
        waiting.delete(id);
        if (error === undefined) resolve();
        else reject(new BrokerFailedError(error));
      });
      worker.postMessage({ id, command } satisfies ToWorker, []);
    });

  const close = async (): Promise<void> => {
    const exited = once(worker, 'exit');
    const limit = setTimeout(() => void worker.terminate(), closeLimitMs);
    await ask('close');
    await worker.terminate();
    await exited;
    clearTimeout(limit);
  };
  return { ask, close: () => (closing ??= close()) };
}
