/**
 * A failing event is tried three more times at once; the partition waits meanwhile, so it has to be over soon: other keys
 * are held up by 1.4 s at most.
 */
const INLINE_DELAYS_MS = [200, 400, 800] as const;
/** After that it is parked, and the first of its line is tried again after these times, the last one without end. */
const PARKED_DELAYS_MS = [10_000, 60_000, 600_000, 3_600_000] as const;
/** While the database is away. */
const OUTAGE_MS = { first: 200, longest: 5_000 } as const;
const JITTER = 0.2;

/** Spread by ±20 %, so that instances that failed together don't try again together. `random` is in [0, 1). */
const spread = (ms: number, random: number): number => Math.round(ms * (1 - JITTER + 2 * JITTER * random));

/** Wait after the nth failed attempt (1, 2 …); undefined when it is to be parked. */
export function inlineDelayMs(failures: number, random: number): number | undefined {
  const delay = INLINE_DELAYS_MS[failures - 1];
  return delay === undefined ? undefined : Math.round(delay * (1 - JITTER * random));
}

/** Wait of a parked event after `attempts` failed attempts since it was parked (0, 1 …). */
export const parkedDelayMs = (attempts: number, random: number): number =>
  spread(PARKED_DELAYS_MS[Math.min(attempts, PARKED_DELAYS_MS.length - 1)] ?? 0, random);

/** Wait before the nth look (1, 2 …) whether the database is back. */
export const outageDelayMs = (attempt: number, random: number): number =>
  spread(Math.min(OUTAGE_MS.longest, OUTAGE_MS.first * 2 ** (attempt - 1)), random);
