import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  BrokerFailedError,
  DataLockedError,
  DataVersionError,
  HostNotLoopbackError,
  NotBuiltError,
  PortTakenError,
} from './errors.js';
import { remoteOf } from './remote.js';
import type { FromWorker, StartFailure, WorkerSettings } from './worker.messages.js';

export interface EmbeddedKafkaOptions {
  /** Folder of the data; created when missing. One broker at a time. */
  readonly dataDir: string;
  /** TCP port; 0 (the default) takes a free one. */
  readonly port?: number;
  /** A loopback address, or `localhost` for both of them. Default 127.0.0.1. */
  readonly host?: string;
  /** Partitions of a topic whose creator asks for the broker's default. Default 1, as in Kafka. */
  readonly partitions?: number;
  /** Whether a topic that a client asks for is created (Kafka's auto.create.topics.enable). Default false. */
  readonly autoCreateTopics?: boolean;
  /** Time between two runs of retention and compaction, in ms. Default 60,000. */
  readonly cleanIntervalMs?: number;
  /** Free bytes of the disk that are never written into: below, producers get an error. Default 256 MiB. */
  readonly reserveBytes?: number;
  /** Added before every flush, in ms; for tests. Default 0. */
  readonly flushDelayMs?: number;
  /**
   * Where all consumers ended with the broker, as in one process that was killed: their groups do not wait for them as they
   * do for members who may still be there. Should one be there all the same, it has to join again. Default false.
   */
  readonly forgetMembers?: boolean;
}

/** A running embedded broker. */
export interface EmbeddedKafka {
  /** `127.0.0.1:PORT`, as every Kafka client takes it. */
  readonly brokers: string;
  readonly port: number;
  /** One line for the terminal: this broker is not for production. The caller prints it. */
  readonly notice: string;
  /** Finishes what was begun, closes connections and files; takes less than 2 s. */
  close(): Promise<void>;
  /** Stops answering: to clients the broker hangs. For tests. */
  pause(): Promise<void>;
  /** Answers what was asked meanwhile, and goes on. */
  resume(): Promise<void>;
}

const notice = 'Embedded Kafka broker: for development and tests, not for production. Set KAFKA_BROKERS to use Kafka.';
const defaults = {
  host: '127.0.0.1',
  port: 0,
  partitions: 1,
  autoCreateTopics: false,
  cleanIntervalMs: 60_000,
  reserveBytes: 256 * 1024 * 1024,
  flushDelayMs: 0,
  forgetMembers: false,
};

/** Folders that this process has a broker on; other processes are kept away by the storage's own mark. */
const foldersInUse = new Set<string>();

/**
 * Starts a Kafka-protocol broker over files of its own in a worker thread.
 * Rejects with PortTakenError, HostNotLoopbackError, DataLockedError, DataVersionError, NotBuiltError, or
 * BrokerFailedError when it is something else.
 */
export async function startEmbeddedKafka(options: EmbeddedKafkaOptions): Promise<EmbeddedKafka> {
  const settings: WorkerSettings = { ...defaults, ...options, dataDir: resolve(options.dataDir) };
  if (!isLoopback(settings.host)) throw new HostNotLoopbackError(settings.host);
  if (foldersInUse.has(settings.dataDir)) throw new DataLockedError(settings.dataDir, process.pid);
  const worker = new Worker(workerPath(), { workerData: settings, name: 'embedded-kafka' });
  foldersInUse.add(settings.dataDir);
  worker.once('exit', () => foldersInUse.delete(settings.dataDir));
  const port = await listeningPort(worker, settings);
  const { ask, close } = remoteOf(worker);
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  return {
    brokers: `${host}:${port}`,
    port,
    notice,
    close,
    pause: () => ask('pause'),
    resume: () => ask('resume'),
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Worker threads do not load TypeScript: from the sources (tests) the worker is the compiled one in dist/. */
function workerPath(): string {
  const isSource = import.meta.url.endsWith('.ts');
  const file = isSource ? '../../../dist/libs/embedded-kafka/src/worker.js' : './worker.js';
  const path = fileURLToPath(new URL(file, import.meta.url));
  if (!existsSync(path)) throw new NotBuiltError(path);
  return path;
}

function listeningPort(worker: Worker, settings: WorkerSettings): Promise<number> {
  return new Promise((onListening, reject) => {
    const failed = (error: unknown) => reject(new BrokerFailedError('the broker did not start', { cause: error }));
    worker.once('error', failed);
    worker.once('message', (message: FromWorker) => {
      worker.off('error', failed);
      if (message.event === 'listening') return onListening(message.port);
      const error = message.event === 'failed' ? startError(message.reason, settings) : new BrokerFailedError();
      void worker.terminate().then(() => reject(error));
    });
  });
}

function startError(reason: StartFailure, { dataDir, port }: WorkerSettings): Error {
  if (reason.kind === 'port-taken') return new PortTakenError(port);
  if (reason.kind === 'data-locked') return new DataLockedError(dataDir, reason.pid);
  if (reason.kind === 'data-version') return new DataVersionError(dataDir, reason.found, reason.expected);
  return new BrokerFailedError(reason.message);
}
