import { Long } from 'bson';
import { Code, MongoError } from '../errors.js';
import { RawDocuments } from './raw.js';

const DEFAULT_BATCH = 101;
const MAX_BATCH_BYTES = 16 * 2 ** 20 - 64 * 1_024;
const IDLE_LIMIT_MS = 10 * 60_000;

interface OpenCursor {
  namespace: string;
  source: Iterator<Buffer>;
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

  constructor(private readonly now: () => number = Date.now) {}

  /** The first batch of a result; what is left waits under the reply's cursor id. */
  first(namespace: string, results: Iterable<Buffer>, batchSize = DEFAULT_BATCH, singleBatch = false): CursorReply {
    const cursor: OpenCursor = { namespace, source: results[Symbol.iterator](), next: undefined, usedAt: this.now() };
    if (batchSize > 0) cursor.next = take(cursor.source);
    const batch = readBatch(cursor, batchSize);
    const more = batchSize === 0 || cursor.next !== undefined;
    const id = more && !singleBatch ? this.keep(cursor, batchSize === 0) : 0n;
    if (id === 0n) cursor.source.return?.();
    return { cursor: { id: Long.fromBigInt(id), ns: namespace, firstBatch: new RawDocuments(batch) } };
  }

  /** Throws CursorNotFound. */
  more(id: bigint, namespace: string, batchSize = Infinity): CursorReply {
    const cursor = this.open.get(String(id));
    if (!cursor || cursor.namespace !== namespace)
      throw new MongoError(Code.CursorNotFound, `cursor id ${id} not found`);
    cursor.usedAt = this.now();
    cursor.next ??= take(cursor.source);
    const batch = readBatch(cursor, batchSize === 0 ? Infinity : batchSize);
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
}

function readBatch(cursor: OpenCursor, batchSize: number): Buffer[] {
  const batch: Buffer[] = [];
  let bytes = 0;
  while (cursor.next !== undefined && batch.length < batchSize) {
    bytes += cursor.next.length;
    if (batch.length > 0 && bytes > MAX_BATCH_BYTES) break;
    batch.push(cursor.next);
    cursor.next = take(cursor.source);
  }
  return batch;
}

function take(source: Iterator<Buffer>): Buffer | undefined {
  const { done, value } = source.next();
  return done ? undefined : value;
}
