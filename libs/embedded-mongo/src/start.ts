import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve as resolvePath, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { DataFormatError, DataInUseError, NotBuiltError, NotLoopbackError, PortTakenError } from './start.errors.js';
import type { FromWorker, StartFailure, ToWorker, WorkerSettings } from './worker.messages.js';

export interface EmbeddedMongoOptions {
  /** Folder of the data; created when missing. */
  dataDir: string;
  /** TCP port; 0 takes a free one. Default 0. */
  port?: number;
  /** A loopback address. Default 127.0.0.1. */
  host?: string;
  /** Time between two sweeps of expired documents (TTL indexes), in ms. Default 60,000. */
  ttlSweepMs?: number;
  /** Added to every flush before it is acknowledged, in ms; for tests. Default 0. */
  flushDelayMs?: number;
  /** Free bytes of the disk that are never written into: below, writes get error 14031. Default 256 MiB. */
  reserveBytes?: number;
}

/** A running embedded database. */
export interface EmbeddedMongo {
  /** `mongodb://127.0.0.1:PORT/`, as every MongoDB driver takes it. */
  readonly uri: string;
  readonly port: number;
  /** One line for the terminal: this server is for development and tests. */
  readonly notice: string;
  /** Finishes what was begun, closes connections and files; takes less than 2 s. */
  close(): Promise<void>;
  /** Stops reading requests: to clients the database hangs. For tests. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

const NOTICE = 'Embedded database: for development and tests only. Set MONGODB_URI to use a MongoDB server.';
const CLOSE_LIMIT_MS = 1_900;
/** What a turn of its event loop may take. */
const LEAVE_LIMIT_MS = 5_000;
const DEFAULTS = { port: 0, ttlSweepMs: 60_000, flushDelayMs: 0, reserveBytes: 256 * 2 ** 20 };

/** Folders that this process has a server on; other processes are kept away by the folder's own mark. */
const foldersInUse = new Set<string>();

/**
 * Starts a MongoDB-protocol server over LMDB in a worker thread.
 * Rejects with PortTakenError, NotLoopbackError, DataInUseError, DataFormatError or NotBuiltError.
 */
export async function startEmbeddedMongo(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  const host = options.host ?? '127.0.0.1';
  if (!isLoopback(host)) throw new NotLoopbackError(host);
  const left = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData: WorkerSettings = { ...DEFAULTS, ...options, host, dataDir: resolvePath(options.dataDir), left };
  if (foldersInUse.has(workerData.dataDir)) throw new DataInUseError(workerData.dataDir, process.pid);
  // The process's own flags (how it was given its program) are none of the worker's.
  const worker = new Worker(workerPath(), { workerData, name: 'embedded-mongo', execArgv: [] });
  foldersInUse.add(workerData.dataDir);
  worker.once('exit', () => foldersInUse.delete(workerData.dataDir));
  leaveWithProcess(worker, left);
  const listening = await started(worker, workerData);
  const { ask, close } = remote(worker);
  return {
    uri: `mongodb://${host.includes(':') ? `[${host}]` : host}:${listening}/`,
    port: listening,
    notice: NOTICE,
    close,
    pause: () => ask('pause'),
    resume: () => ask('resume'),
  };
}

/**
 * A process that ends without closing (`process.exit`, a defect that nobody caught) waits for its threads, and this one's
 * would never end: it lets go of its store first. Where it does not even come to that, the process is killed.
 */
function leaveWithProcess(worker: Worker, left: Int32Array): void {
  const leave = (): void => {
    worker.postMessage({ command: 'leave' } satisfies ToWorker);
    if (Atomics.wait(left, 0, 0, LEAVE_LIMIT_MS) === 'timed-out') process.kill(process.pid, 'SIGKILL');
  };
  process.once('exit', leave);
  worker.once('exit', () => process.off('exit', leave));
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Worker threads do not load TypeScript: from the sources (tests) the worker is the compiled one in dist/. */
function workerPath(): string {
  const here = fileURLToPath(import.meta.url);
  const path = here.endsWith('.ts')
    ? here.replace(`${sep}libs${sep}embedded-mongo${sep}src${sep}start.ts`, '/dist/libs/embedded-mongo/src/worker.js')
    : here.replace(/start\.js$/, 'worker.js');
  if (!existsSync(path)) throw new NotBuiltError(path);
  return path;
}

function started(worker: Worker, settings: WorkerSettings): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: unknown) => reject(error instanceof Error ? error : new Error(String(error)));
    worker.once('error', onError);
    worker.once('message', (message: FromWorker) => {
      worker.off('error', onError);
      if (message.event === 'listening') return resolve(message.port);
      const error = message.event === 'failed' ? startError(message.reason, settings) : new Error('Unexpected answer.');
      // Only then the folder is free for another try.
      void worker.terminate().then(() => reject(error));
    });
  });
}

function startError(reason: StartFailure, { dataDir, port }: WorkerSettings): Error {
  if (reason.kind === 'port-taken') return new PortTakenError(port);
  if (reason.kind === 'data-in-use') return new DataInUseError(dataDir, reason.pid);
  if (reason.kind === 'data-format') return new DataFormatError(dataDir, reason.found, reason.expected);
  return new Error(reason.message);
}

function remote(worker: Worker) {
  let lastId = 0;
  let closing: Promise<void> | undefined;
  const waiting = new Map<number, (error?: string) => void>();
  const finishAll = () => [...waiting.values()].forEach((finish) => finish());
  worker.on('message', (message: FromWorker) => {
    if (message.event === 'done') waiting.get(message.id)?.(message.error);
  });
  worker.on('exit', finishAll);
  const ask = (command: ToWorker['command']): Promise<void> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, (error) => {
        waiting.delete(id);
        if (error === undefined) resolve();
        else reject(new Error(error));
      });
      worker.postMessage({ id, command } satisfies ToWorker);
    });
  const close = async (): Promise<void> => {
    const exited = once(worker, 'exit');
    const limit = setTimeout(() => void worker.terminate(), CLOSE_LIMIT_MS);
    await ask('close');
    await worker.terminate();
    await exited;
    clearTimeout(limit);
  };
  return { ask, close: () => (closing ??= close()) };
}
