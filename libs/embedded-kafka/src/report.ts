import { StorageError } from './errors.js';

const repeatAfterMs = 10_000;

/**
 * Tells the person at the terminal what went wrong, each message at most once in 10 s: a full disk would otherwise be
 * told of at every write. Errors that nobody foresaw come with their stack.
 */
export function newReport(write: (text: string) => void, now: () => number): (error: unknown) => void {
  const lastToldMs = new Map<string, number>();
  return (error) => {
    const isExpected = error instanceof StorageError;
    const message = error instanceof Error ? error.message : String(error);
    if (now() - (lastToldMs.get(message) ?? Number.NEGATIVE_INFINITY) < repeatAfterMs) return;
    lastToldMs.clear();
    lastToldMs.set(message, now());
    write(`Embedded Kafka broker: ${isExpected || !(error instanceof Error) ? message : (error.stack ?? message)}\n`);
  };
}
