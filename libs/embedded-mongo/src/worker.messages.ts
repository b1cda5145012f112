/** What the main thread hands to the worker when it starts. */
export interface WorkerSettings {
  dataDir: string;
  port: number;
  host: string;
  /** Time between two sweeps of expired documents, in ms. */
  ttlSweepMs: number;
  /** Added to every flush, in ms. */
  flushDelayMs: number;
  /** Free bytes of the disk that are never written into. */
  reserveBytes: number;
  /** One number, 1 as soon as the store is left: the process may end then. */
  left: Int32Array;
}

/** `leave`: the process ends now, without closing; nothing is answered any more. */
export type ToWorker = { id: number; command: 'close' | 'pause' | 'resume' } | { command: 'leave' };

export type FromWorker =
  | { event: 'listening'; port: number }
  | { event: 'failed'; reason: StartFailure }
  | { event: 'done'; id: number; error?: string };

/** Errors lose their class between threads, so the worker names them. */
export type StartFailure =
  | { kind: 'port-taken' }
  | { kind: 'data-in-use'; pid: number }
  | { kind: 'data-format'; found: string; expected: number }
  | { kind: 'other'; message: string };
