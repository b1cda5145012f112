import { Long } from 'bson';
import { Code, MongoError } from '../errors.js';
import { nextResult, type Turn } from '../query/pace.js';
import { RawDocuments } from './raw.js';

const DEFAULT_BATCH = 101;
/** MongoDB fills up to 16 MB. A batch lies in memory twice, as documents and as the message, so ours are a quarter of that. */
const MAX_BATCH_BYTES = 4 * 2 ** 20;
const IDLE_LIMIT_MS = 10 * 60_000;

interface OpenCursor {
  namespace: string;
  source: Iterator<Buffer | undefined, unknown>;
  /** Read ahead, to know whether there is more. */
  next: Buffer | undefined;
  usedAt: number;
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
    singleBatch = false,
  ): Promise<CursorReply> {
    const cursor: OpenCursor = { namespace, source: results[Symbol.iterator](), next: undefined, usedAt: this.now() };
    if (batchSize > 0) cursor.next = await nextResult(cursor.source, this.turn);
    const batch = await this.readBatch(cursor, batchSize);
    const more = batchSize === 0 || cursor.next !== undefined;
    const id = more && !singleBatch ? this.keep(cursor, batchSize === 0) : 0n;
    if (id === 0n) cursor.source.return?.();
    return { cursor: { id: Long.fromBigInt(id), ns: namespace, firstBatch: new RawDocuments(batch) } };
  }

  /** Throws CursorNotFound. */
  async more(id: bigint, namespace: string, batchSize = Infinity): Promise<CursorReply> {
    const cursor = this.open.get(String(id));
    if (!cursor || cursor.namespace !== namespace)
      throw new MongoError(Code.CursorNotFound, `cursor id ${id} not found`);
    cursor.usedAt = this.now();
    cursor.next ??= await nextResult(cursor.source, this.turn);
    const batch = await this.readBatch(cursor, batchSize === 0 ? Infinity : batchSize);
    const more = cursor.next !== undefined;
    if (!more) this.open.delete(String(id));
    return { cursor: { id: Long.fromBigInt(more ? id : 0n), ns: namespace, nextBatch: new RawDocuments(batch) } };
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

  private async readBatch(cursor: OpenCursor, batchSize: number): Promise<Buffer[]> {
    const batch: Buffer[] = [];
    let bytes = 0;
    while (cursor.next !== undefined && batch.length < batchSize) {
      bytes += cursor.next.length;
      if (batch.length > 0 && bytes > MAX_BATCH_BYTES) break;
      batch.push(cursor.next);
      const { done, value } = cursor.source.next();
      cursor.next = done ? undefined : (value ?? (await nextResult(cursor.source, this.turn)));
    }
    return batch;
  }
}
