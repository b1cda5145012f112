import type { StateCopy } from './state-copy.js';

const KEPT_VERSIONS = 20_000;
/** By how much the clocks of two instances may differ. */
const SKEW_MS = 5_000;

/**
 * Which version was copied last under which key, of one partition. A relay that was taken for dead may publish once more
 * what is long superseded: as the last one under its key, compaction would keep it and drop the newer. The keys that
 * changed last are known, 20,000 at least, and since when that is all of them.
 */
export class CopiedVersions {
  private young = new Map<string, number>();
  private old: ReadonlyMap<string, number> = new Map();
  private youngMs = -Infinity;
  private oldMs = -Infinity;

  /**
   * @param next the offset from which on nothing was looked at yet.
   * @param sinceMs all that was published before that offset, and written since then, is known, or about to be remembered.
   */
  constructor(
    private next: bigint,
    private sinceMs: number,
    private readonly kept = KEPT_VERSIONS,
  ) {}

  /** Where it does not, others may have copied what lies between, and what is known here may be old. */
  continuesAt(offset: bigint): boolean {
    return offset <= this.next;
  }

  /** Those of which something newer may have been copied that is not known here: it was written between them and what is. */
  doubtful(copies: readonly StateCopy[]): StateCopy[] {
    return copies.filter(({ key, timeMs }) => timeMs - SKEW_MS < this.sinceMs && this.versionOf(key) === 0);
  }

  /** Those that are to be copied, one for each key: no older than what was copied before, and the newest of several. */
  newestOf(copies: readonly StateCopy[]): StateCopy[] {
    const newest = new Map<string, StateCopy>();
    for (const copy of copies) {
      const known = newest.get(copy.key)?.version ?? this.versionOf(copy.key);
      if (copy.version < known) continue;
      // Put in anew, so that it stands where its last event stood.
      newest.delete(copy.key);
      newest.set(copy.key, copy);
    }
    return [...newest.values()];
  }

  /** @param next the offset behind the last event that was looked at for them. */
  remember(copies: readonly StateCopy[], next: bigint): void {
    if (next > this.next) this.next = next;
    for (const { key, version, timeMs } of copies) {
      this.young.set(key, version);
      if (timeMs > this.youngMs) this.youngMs = timeMs;
    }
    if (this.young.size < this.kept) return;
    this.sinceMs = Math.max(this.sinceMs, this.oldMs);
    [this.old, this.oldMs] = [this.young, this.youngMs];
    [this.young, this.youngMs] = [new Map(), -Infinity];
  }

  private versionOf(key: string): number {
    return this.young.get(key) ?? this.old.get(key) ?? 0;
  }
}
