import type { Clock } from '../src/clock.js';

interface Timer {
  readonly dueMs: number;
  readonly action: () => void;
}

/** A clock that a test moves; timers fire in the order in which they are due. */
export class FakeClock implements Clock {
  #nowMs: number;
  #setByMs = 0;
  readonly #timers = new Set<Timer>();

  constructor(startMs = Date.UTC(2026, 10, 23)) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs + this.#setByMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  /** As when somebody sets the machine's clock: no time has passed. */
  set(byMs: number): void {
    this.#setByMs += byMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  advance(byMs: number): void {
    const endMs = this.#nowMs + byMs;
    for (let timer = this.#next(endMs); timer !== undefined; timer = this.#next(endMs)) {
      this.#timers.delete(timer);
      this.#nowMs = timer.dueMs;
      timer.action();
    }
    this.#nowMs = endMs;
  }

  #next(endMs: number): Timer | undefined {
    const due = [...this.#timers].filter(({ dueMs }) => dueMs <= endMs);
    return due.toSorted((one, other) => one.dueMs - other.dueMs)[0];
  }
}
