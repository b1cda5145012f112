/** What the main thread hands to the worker when it starts. Times in milliseconds, sizes in bytes. */
export interface WorkerSettings {
  readonly dataDir: string;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Partitions of a topic whose creator asks for the broker's default. */
  readonly partitions: number;
  /** Whether a topic that a client asks for is created. */
  readonly autoCreateTopics: boolean;
  readonly cleanIntervalMs: number;
  /** Free space of the disk that is never written into. */
  readonly reserveBytes: number;
  /** Added before every flush; for tests of what an acknowledgement means. */
  readonly flushDelayMs: number;
  /** Members of consumer groups of before have ended with the broker. */
  readonly forgetMembers: boolean;
}

export type Command = 'close' | 'pause' | 'resume';
export interface ToWorker {
  readonly id: number;
  readonly command: Command;
}

export type FromWorker =
  | { readonly event: 'listening'; readonly port: number }
  | { readonly event: 'failed'; readonly reason: StartFailure }
  | { readonly event: 'done'; readonly id: number; readonly error?: string };

/** Errors lose their class between threads, so the worker names them. */
export type StartFailure =
  | { readonly kind: 'port-taken' }
  | { readonly kind: 'data-locked'; readonly pid: number }
  | { readonly kind: 'data-version'; readonly found: string; readonly expected: string }
  | { readonly kind: 'other'; readonly message: string };
