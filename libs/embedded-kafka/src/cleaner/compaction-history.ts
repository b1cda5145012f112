/** What is remembered of earlier compactions of a partition, stored under ['compaction', partition id]. */
export interface CompactionHistory {
  /** The size of the part below `cleanedTo` after the last pass. */
  readonly cleanBytes: number;
  /** Tombstones below this offset are gone. */
  readonly sweptTo: number;
  /** When which part was clean, oldest first. */
  readonly passes: readonly { readonly upTo: number; readonly atMs: number }[];
}

export const noHistory: CompactionHistory = { cleanBytes: 0, sweptTo: 0, passes: [] };

/** Passes that are told apart within the time that tombstones are kept; closer ones count as the later one. */
const resolution = 16;

/**
 * Below this offset tombstones have been the only record of their key for `delete.retention.ms`, so that every consumer
 * that was not further behind than that has seen them.
 */
export function tombstoneHorizon({ passes }: CompactionHistory, nowMs: number, retentionMs: number): number {
  return passes.findLast(({ atMs }) => atMs <= nowMs - retentionMs)?.upTo ?? 0;
}

export function withPass(
  history: CompactionHistory,
  pass: { readonly upTo: number; readonly atMs: number; readonly cleanBytes: number; readonly sweptTo: number },
  retentionMs: number,
): CompactionHistory {
  const { upTo, atMs, cleanBytes, sweptTo } = pass;
  const newestExpired = history.passes.findLastIndex((one) => one.atMs <= atMs - retentionMs);
  const relevant = history.passes.slice(Math.max(newestExpired, 0));
  const [beforeLast, last] = relevant.slice(-2);
  const isClose =
    beforeLast !== undefined && last !== undefined && last.atMs - beforeLast.atMs < retentionMs / resolution;
  return { cleanBytes, sweptTo, passes: [...(isClose ? relevant.slice(0, -1) : relevant), { upTo, atMs }] };
}
