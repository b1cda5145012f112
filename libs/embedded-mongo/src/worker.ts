import { parentPort, workerData } from 'node:worker_threads';
import { Store } from './storage/store.js';
import { DataLockedError, UnknownFormatError } from './storage/store.errors.js';
import { startServer, type Server } from './wire/server.js';
import type { FromWorker, StartFailure, ToWorker, WorkerSettings } from './worker.messages.js';

const settings = workerData as WorkerSettings;
const port = parentPort;
const send = (message: FromWorker) => port?.postMessage(message);

let server: Server | undefined;
try {
  const store = Store.open(settings.dataDir, settings);
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

port?.on('message', (message: ToWorker) => void obey(message));

async function obey({ id, command }: ToWorker): Promise<void> {
  try {
    await server?.[command]();
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
