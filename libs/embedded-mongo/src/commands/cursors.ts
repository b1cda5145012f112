import { Long } from 'bson';
import { Code, MongoError } from '../errors.js';
import type { Turn } from '../query/pace.js';
import { RawDocuments } from './raw.js';

const DEFAULT_BATCH = 101;
/** MongoDB fills up to 16 MB. A batch lies in memory twice, as documents and as the message, so ours are a quarter of that. */
const MAX_BATCH_BYTES = 4 * 2 ** 20;
const IDLE_LIMIT_MS = 10 * 60_000;

/** Results that go on when those that are there have been read. */
export interface Tail {
  /** False once no more can come. */
  readonly goesOn: boolean;
  /** What has come since. */
  results(): Generator<Buffer | undefined>;
  /** How long a getMore waits, of which the client says how long it may. */
  waitMs(maxTimeMs: number | undefined): number;
  /** Resolves when something has changed, when nobody waits any more, or at that time. */
  change(until: number, isAwaited: () => boolean): Promise<void>;
}

interface OpenCursor {
  namespace: string;
  /** Each result is valid until the next one is asked for, or anybody else reads. */
  source: Iterator<Buffer | undefined, unknown>;
  /** Read ahead, to know whether there is more. */
  next: Buffer | undefined;
  usedAt: number;
  tail?: Tail;
}

export interface CursorOptions {
  singleBatch?: boolean;
  tail?: Tail;
}

export interface CursorReply {
  cursor: Record<string, unknown>;
}

/** Cursors that wait for getMore; forgotten after ten idle minutes. */
export class Cursors {
  private readonly open = new Map<string, OpenCursor>();
  private lastId = BigInt(Date.now()) << 20n;

  constructor(
    private readonly turn: Turn,
    private readonly now: () => number = Date.now,
  ) {}

  /** The first batch of a result; what is left waits under the reply's cursor id. */
  async first(
    namespace: string,
    results: Iterable<Buffer | undefined>,
    batchSize = DEFAULT_BATCH,
    { singleBatch = false, tail }: CursorOptions = {},
  ): Promise<CursorReply> {
    const source = results[Symbol.iterator]();
    const cursor: OpenCursor = { namespace, source, next: undefined, usedAt: this.now(), ...(tail && { tail }) };
    if (batchSize > 0) cursor.next = await this.nextOf(cursor);
    const batch = await this.readBatch(cursor, batchSize);
    const more = batchSize === 0 || cursor.next !== undefined || tail?.goesOn === true;
    const id = more && !singleBatch ? this.keep(cursor, batchSize === 0) : 0n;
    if (id === 0n) cursor.source.return?.();
    return { cursor: { id: Long.fromBigInt(id), ns: namespace, firstBatch: batch } };
  }

  /** Throws CursorNotFound; CursorKilled when that happens while it waits. */
  async more(id: bigint, namespace: string, batchSize = Infinity, maxTimeMs?: number): Promise<CursorReply> {
    const cursor = this.open.get(String(id));
    if (!cursor || cursor.namespace !== namespace)
      throw new MongoError(Code.CursorNotFound, `cursor id ${id} not found`);
    cursor.usedAt = this.now();
    cursor.next ??= await this.nextOf(cursor);
    if (cursor.next === undefined && cursor.tail?.goesOn) await this.wait(id, cursor, cursor.tail, maxTimeMs);
    const batch = await this.readBatch(cursor, batchSize === 0 ? Infinity : batchSize);
    const more = cursor.next !== undefined || cursor.tail?.goesOn === true;
    if (!more) this.open.delete(String(id));
    return { cursor: { id: Long.fromBigInt(more ? id : 0n), ns: namespace, nextBatch: batch } };
  }

  /** Looks for what has come, until something has or the time is over. A place that is lost ends the cursor. */
  private async wait(id: bigint, cursor: OpenCursor, tail: Tail, maxTimeMs: number | undefined): Promise<void> {
    const until = performance.now() + tail.waitMs(maxTimeMs);
    const isOpen = () => this.open.has(String(id));
    try {
      for (;;) {
        cursor.source = tail.results();
        cursor.next = await this.nextOf(cursor);
        if (cursor.next !== undefined || !tail.goesOn || performance.now() >= until) return;
        await tail.change(until, isOpen);
        await this.turn();
        if (!isOpen()) throw new MongoError(Code.CursorKilled, `cursor id ${id} was killed`);
      }
    } catch (error) {
      this.open.delete(String(id));
      throw error;
    }
  }

  /** Ends those that wait: the store is about to close. */
  killAll(): void {
    this.open.clear();
  }

  kill(id: bigint): boolean {
    this.open.get(String(id))?.source.return?.();
    return this.open.delete(String(id));
  }

  private keep(cursor: OpenCursor, unread: boolean): bigint {
    if (unread) cursor.next = undefined;
    for (const [id, { usedAt }] of this.open) if (this.now() - usedAt > IDLE_LIMIT_MS) this.open.delete(id);
    this.lastId += 1n;
    this.open.set(String(this.lastId), cursor);
    return this.lastId;
  }

  private async readBatch(cursor: OpenCursor, batchSize: number): Promise<RawDocuments> {
    const batch = new RawDocuments();
    let { next } = cursor;
    while (next !== undefined && batch.count < batchSize) {
      if (batch.count > 0 && batch.length + next.length > MAX_BATCH_BYTES) break;
      batch.add(next);
      const { done, value } = cursor.source.next();
      next = done ? undefined : (value ?? (await this.nextOf(cursor)));
    }
    cursor.next = next && Buffer.from(next);
    return batch;
  }

  /** The next result of work that gives way, as a copy that lasts. */
  private async nextOf({ source }: OpenCursor): Promise<Buffer | undefined> {
    for (;;) {
      const { done, value } = source.next();
      if (done) return undefined;
      if (value !== undefined) return Buffer.from(value);
      await this.turn();
    }
  }
}
