import { setTimeout as pause } from 'node:timers/promises';

export interface EventuallyOptions {
  /** 10 s by default. */
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

/** Waits until an assertion holds, and returns what it returns. @throws its last error when the time is up. */
export async function eventually<Result>(
  assertion: () => Result | Promise<Result>,
  { timeoutMs = 10_000, intervalMs = 20 }: EventuallyOptions = {},
): Promise<Result> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
      await pause(intervalMs);
    }
  }
}
