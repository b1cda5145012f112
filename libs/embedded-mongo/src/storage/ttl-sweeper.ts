import { TypeRank } from '../bson/compare.js';
import { afterPrefix, encodeKey, invert, rankBounds } from '../bson/key.js';
import type { Collection } from './collection.js';
import type { IndexSpec } from './index-spec.js';
import type { Store } from './store.js';

/** Removed in one write, so that clients get their turn in between. */
const CHUNK = 1_000;

export interface TtlSweeperOptions {
  now: () => Date;
  isPaused?: () => boolean;
}

/** Removes what TTL indexes say has expired. */
export class TtlSweeper {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly store: Store,
    private readonly options: TtlSweeperOptions,
  ) {}

  start(intervalMs: number): void {
    this.timer = setTimeout(() => {
      this.running = this.sweepUnlessPaused().finally(() => {
        if (!this.stopped) this.start(intervalMs);
      });
    }, intervalMs);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** A sweep that fails (the disk is full) is tried again at the next turn. */
  private async sweepUnlessPaused(): Promise<void> {
    if (this.options.isPaused?.()) return;
    try {
      await this.sweep();
    } catch (error) {
      console.error('embedded database: expired documents could not be removed', error);
    }
  }

  async sweep(): Promise<void> {
    for (const collection of this.store.all()) {
      for (const index of collection.indexes) {
        const { expireAfterSeconds } = index;
        if (expireAfterSeconds === undefined) continue;
        const before = new Date(this.options.now().getTime() - expireAfterSeconds * 1_000);
        await this.sweepIndex(collection, index, before);
      }
    }
  }

  private async sweepIndex(collection: Collection, index: IndexSpec, before: Date): Promise<void> {
    while (!this.stopped && expired(collection, index, before, 1).size > 0) {
      const removed = await this.store.write(() => {
        // Dropped while this write waited for its turn.
        if (this.store.collection(collection.database, collection.name) !== collection) return 0;
        const found = expired(collection, index, before, CHUNK);
        collection.removeAll([...found]);
        return found.size;
      });
      if (removed === 0) return;
    }
  }
}

/** Dates before the moment; of an array the earliest counts, as any of its keys leads here. */
function expired(collection: Collection, index: IndexSpec, before: Date, limit: number): Set<number> {
  const { low } = rankBounds(TypeRank.Date);
  const high = encodeKey(before);
  const [start, end] = index.fields[0]?.descending
    ? [afterPrefix(invert(high)), afterPrefix(invert(low))]
    : [low, high];
  const found = new Set<number>();
  for (const record of collection.scanIndex(index, start, end)) {
    if (found.add(record).size >= limit) break;
  }
  return found;
}
