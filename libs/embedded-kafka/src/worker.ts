import { parentPort, workerData } from 'node:worker_threads';
import { Broker } from './broker.js';
import { DataLockedError, DataVersionError } from './errors.js';
import { newReport } from './report.js';
import type { Command, FromWorker, StartFailure, ToWorker, WorkerSettings } from './worker.messages.js';

const report = newReport(
  (text) => void process.stderr.write(text),
  () => performance.now(),
);

if (parentPort === null) throw new Error('worker.js is started by startEmbeddedKafka in a worker thread');
const port = parentPort;
const tell = (message: FromWorker): void => port.postMessage(message);

try {
  const broker = await Broker.start(workerData as WorkerSettings, report);
  port.on('message', ({ id, command }: ToWorker) => void obey(broker, id, command));
  tell({ event: 'listening', port: broker.port });
} catch (error) {
  tell({ event: 'failed', reason: failureOf(error) });
}

async function obey(broker: Broker, id: number, command: Command): Promise<void> {
  try {
    await broker[command]();
    tell({ event: 'done', id });
  } catch (error) {
    tell({ event: 'done', id, error: error instanceof Error ? error.message : String(error) });
  }
}

function failureOf(error: unknown): StartFailure {
  if (error instanceof DataLockedError) return { kind: 'data-locked', pid: error.ownerPid };
  if (error instanceof DataVersionError) {
    return { kind: 'data-version', found: error.found, expected: error.expected };
  }
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return { kind: 'port-taken' };
  return { kind: 'other', message: error instanceof Error ? error.message : String(error) };
}
