import type { Clock } from '../clock.js';

/** A door that everything passes which clients could notice. Closed while the broker is paused. */
export class Gate {
  #opened: Promise<void> | null = null;
  #open: () => void = () => undefined;

  get isClosed(): boolean {
    return this.#opened !== null;
  }

  close(): void {
    this.#opened ??= new Promise((resolve) => (this.#open = resolve));
  }

  open(): void {
    this.#opened = null;
    this.#open();
  }

  async passed(): Promise<void> {
    while (this.#opened !== null) await this.#opened;
  }
}

/**
 * A clock whose timers do not fire while the gate is closed: one that was due meanwhile starts anew afterwards, so that
 * a pause does not end the sessions of clients that could not be heard.
 */
export function gatedClock(clock: Clock, gate: Gate): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after(delayMs, action) {
      let cancelled = false;
      let cancelTimer = clock.after(delayMs, fire);
      function fire(): void {
        if (!gate.isClosed) return action();
        void gate.passed().then(() => {
          if (!cancelled) cancelTimer = clock.after(delayMs, fire);
        });
      }
      return () => {
        cancelled = true;
        cancelTimer();
      };
    },
  };
}
