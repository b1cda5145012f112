import { parentPort, workerData } from 'node:worker_threads';
import { Store } from './storage/store.js';
import { DataLockedError, UnknownFormatError } from './storage/store.errors.js';
import { startServer, type Server } from './wire/server.js';
import type { FromWorker, StartFailure, ToWorker, WorkerSettings } from './worker.messages.js';

/** What is read, and what is answered, is cut from pieces of this size: Node's own 8 kB hold few documents. */
Buffer.poolSize = 32 * 1_024;

const settings = workerData as WorkerSettings;
const port = parentPort;
const send = (message: FromWorker) => port?.postMessage(message);

let server: Server | undefined;
try {
  const store = Store.open(settings.dataDir, settings);
  // Also when a defect ends the thread.
  process.once('exit', () => leave(store));
  try {
    server = await startServer(store, settings);
  } catch (error) {
    await store.close();
    throw error;
  }
  send({ event: 'listening', port: server.port });
} catch (error) {
  send({ event: 'failed', reason: failure(error) });
}

port?.on('message', (message: ToWorker) => {
  if (message.command === 'leave') process.exit();
  void obey(message);
});

/** What is acknowledged is in the journal. LMDB waits for ever for the end of a transaction when its thread ends. */
function leave(store: Store): void {
  store.leave();
  Atomics.store(settings.left, 0, 1);
  Atomics.notify(settings.left, 0);
}

async function obey({ id, command }: Exclude<ToWorker, { command: 'leave' }>): Promise<void> {
  try {
    await server?.[command]();
    if (command === 'close') Atomics.store(settings.left, 0, 1);
    send({ event: 'done', id });
  } catch (error) {
    send({ event: 'done', id, error: String(error) });
  }
}

function failure(error: unknown): StartFailure {
  if (error instanceof DataLockedError) return { kind: 'data-in-use', pid: error.pid };
  if (error instanceof UnknownFormatError) {
    return { kind: 'data-format', found: String(error.found), expected: error.expected };
  }
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return { kind: 'port-taken' };
  return { kind: 'other', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
