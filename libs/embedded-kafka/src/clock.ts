/** Time as a parameter, so that timeouts can be tested without waiting. */
export interface Clock {
  /** Milliseconds since the epoch, as far as the machine knows: it may be set forward and back. */
  now(): number;
  /** Milliseconds since some moment, whatever the machine's clock is set to. */
  monotonic(): number;
  /** Runs `action` once after `delayMs`; the result cancels it. */
  after(delayMs: number, action: () => void): () => void;
}

/** Resolves after `delayMs`. */
export function elapsed(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => void clock.after(delayMs, resolve));
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
};
