const HELD_MS = { first: 60_000, longest: 600_000 } as const;
/** By then, one whose time came was tried, and is held again if that failed. */
const TRIED_WITHIN_MS = 60_000;

interface Held {
  readonly untilMs: number;
  readonly times: number;
}

/** How long an aggregate is left alone whose next event could not be published so many times (1, 2 …). */
export const heldForMs = (times: number): number => Math.min(HELD_MS.longest, HELD_MS.first * 2 ** (times - 1));

/**
 * Aggregates whose next event can't be published. Somebody has to do something first, so they are tried again seldom,
 * however often they are written: for one that is refused, everything in its batch is sent once more by itself.
 */
export class HeldAggregates {
  private readonly held = new Map<string, Held>();

  get size(): number {
    return this.held.size;
  }

  hold(name: string, nowMs: number): void {
    const times = (this.held.get(name)?.times ?? 0) + 1;
    this.held.set(name, { untilMs: nowMs + heldForMs(times), times });
  }

  /** Whether it is to be left alone. */
  has(name: string, nowMs: number): boolean {
    return this.held.size > 0 && (this.held.get(name)?.untilMs ?? 0) > nowMs;
  }

  /** Those that were tried since and not held again are through. */
  forgetTried(nowMs: number): void {
    for (const [name, { untilMs }] of this.held) if (untilMs + TRIED_WITHIN_MS < nowMs) this.held.delete(name);
  }
}
