import { statfsSync } from 'node:fs';
import { Code, MongoError } from '../errors.js';

/** How long one look at the disk holds. */
const FRESH_MS = 250;

/** Refuses writes before the disk is full, so that what is there can still be read, removed and closed. */
export class DiskGuard {
  private lookedAt = -Infinity;
  private freeBytes = Infinity;

  constructor(
    private readonly folder: string,
    private readonly reserveBytes: number,
  ) {}

  /** Throws OutOfDiskSpace. */
  check(): void {
    if (performance.now() - this.lookedAt > FRESH_MS) this.look();
    if (this.freeBytes <= this.reserveBytes) throw this.full();
  }

  /** A commit's failure, in plain words where the disk is its cause. */
  explain(error: unknown): unknown {
    const message = error instanceof Error ? error.message : String(error);
    return /ENOSPC|No space left|MDB_MAP_FULL|disk quota/i.test(message) ? this.full() : error;
  }

  private look(): void {
    const { bavail, bsize } = statfsSync(this.folder);
    this.freeBytes = bavail * bsize;
    this.lookedAt = performance.now();
  }

  private full(): MongoError {
    this.look();
    const megabytes = (bytes: number) => Math.floor(bytes / 1e6);
    return new MongoError(
      Code.OutOfDiskSpace,
      `The disk is full: ${megabytes(this.freeBytes)} MB free at ${this.folder}, ` +
        `${megabytes(this.reserveBytes)} MB are kept in reserve. Free some space; deletes still work.`,
    );
  }
}
