/** A failing event is tried three more times at once; the partition waits meanwhile, so it has to be over soon. */
const INLINE_DELAYS_MS = [200, 400, 800] as const;
/** How long other keys may be held up by attempts and waits together. */
const INLINE_BUDGET_MS = 1_400;
/** A call that began when that was spent already; most end within this time. */
const LEAST_PATIENCE_MS = 100;
/** After that it is parked, and the first of its line is tried again after these times, the last one without end. */
const PARKED_DELAYS_MS = [10_000, 60_000, 600_000, 3_600_000] as const;
/** One that was set aside before it had its four tries has the rest of them from there. */
const SET_ASIDE_MS = 200;
/** While the database is away. */
const OUTAGE_MS = { first: 200, longest: 5_000 } as const;
const JITTER = 0.2;

/** Spread by ±20 %, so that instances that failed together don't try again together. `random` is in [0, 1). */
const spread = (ms: number, random: number): number => Math.round(ms * (1 - JITTER + 2 * JITTER * random));

/** What was tried of an event, inline, and failed each time. */
export interface FailedAttempts {
  readonly count: number;
  /** Since the first of them began: they and the waits between them. */
  readonly spentMs: number;
  /** What the longest of them took. */
  readonly longestMs: number;
}

export const NO_ATTEMPTS: FailedAttempts = { count: 0, spentMs: 0, longestMs: 0 };

export const withFailure = ({ count, spentMs, longestMs }: FailedAttempts, tookMs: number): FailedAttempts => ({
  count: count + 1,
  spentMs: spentMs + tookMs,
  longestMs: Math.max(longestMs, tookMs),
});

/**
 * Wait until the next attempt; undefined when the event is to be set aside: it had its four, or another one as long as the
 * longest would not end within 1.4 s. Where attempts take their time, the waits become shorter, so that all four are over
 * by then if they leave room for that.
 */
export function inlineDelayMs({ count, spentMs, longestMs }: FailedAttempts, random: number): number | undefined {
  const [fullMs, ...later] = INLINE_DELAYS_MS.slice(count - 1);
  if (fullMs === undefined || spentMs + longestMs > INLINE_BUDGET_MS) return undefined;
  const usualMs = fullMs * (1 - JITTER * random);
  const roomMs = INLINE_BUDGET_MS - spentMs - (later.length + 1) * longestMs;
  const share = fullMs / later.reduce<number>((sum, delayMs) => sum + delayMs, fullMs);
  return Math.floor(Math.max(0, Math.min(usualMs, roomMs * share)));
}

/** How long others wait for a call that begins now, as they have waited for `waitedMs`; then they go on without it. */
export const patienceMs = (waitedMs: number, budgetMs = INLINE_BUDGET_MS): number =>
  Math.max(LEAST_PATIENCE_MS, budgetMs - waitedMs);

/** `attempts` of an event that is parked now: below 0, it has so many of its four tries left. */
export const attemptsWhenParked = ({ count }: FailedAttempts): number =>
  Math.min(0, count - INLINE_DELAYS_MS.length - 1);

/** `attempts` of a parked event that failed once more. Those of its four that it has left are of no use to a permanent failure. */
export const attemptsAfter = (attempts: number, isPermanent: boolean): number =>
  isPermanent ? Math.max(0, attempts + 1) : attempts + 1;

/** Wait of a parked event after `attempts` failed attempts since it was parked (0, 1 …). */
export const parkedDelayMs = (attempts: number, random: number): number =>
  spread(PARKED_DELAYS_MS[Math.min(attempts, PARKED_DELAYS_MS.length - 1)] ?? SET_ASIDE_MS, random);

/** Wait before the nth look (1, 2 …) whether the database is back. */
export const outageDelayMs = (attempt: number, random: number): number =>
  spread(Math.min(OUTAGE_MS.longest, OUTAGE_MS.first * 2 ** (attempt - 1)), random);
