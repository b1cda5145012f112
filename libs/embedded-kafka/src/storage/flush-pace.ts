import type { WriteBatch } from './write-batch.js';

/** Beyond these a write is worth a thread of its own, so that the next requests are read meanwhile. */
const smallBytes = 128 * 1024;
const smallWrites = 64;
/** A disk that takes longer must not hold up those who only read, and heartbeats. */
const quickMs = 3;
const weightOfLast = 0.2;

/**
 * Decides who writes. A handover to another thread and back costs more than a quick disk needs for a small write, and
 * much more when the processors are busy; so small writes are made at once as long as the disk has been quick.
 */
export class FlushPace {
  #meanMs = 0;

  writesAtOnce(batch: WriteBatch): boolean {
    return this.#meanMs < quickMs && isSmall(batch);
  }

  /** Told how long a write took, by whichever way. */
  took(batch: WriteBatch, elapsedMs: number): void {
    if (isSmall(batch)) this.#meanMs += (elapsedMs - this.#meanMs) * weightOfLast;
  }
}

function isSmall(batch: WriteBatch): boolean {
  return batch.logBytes <= smallBytes && batch.writes.length <= smallWrites;
}
