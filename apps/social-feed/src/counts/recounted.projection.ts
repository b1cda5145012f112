import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { mongo } from 'mongoose';
import { areAllDuplicateKeys, ContentionError, DocumentCollection, isDuplicateKey } from '#persistence';

interface CountsDocument {
  _id: string;
  rev: number;
  counts: Record<string, number>;
}
const ATTEMPTS = 12;
/** Begins anywhere, so that who has read a document is not taken for one who has read what came in its place. */
const firstRev = (): number => randomInt(2 ** 47);
const nextRev = (rev: unknown): number => (typeof rev === 'number' ? rev + 1 : firstRev());

/**
 * Counts that are made by counting again, never by adding: a repeated, late or lost event can't make them drift.
 *
 * Exact because every recount reads `rev` before it counts and writes only under that `rev`. So the last one to write
 * began after all others had written, and each write to what is counted is followed by a recount of its own. It writes
 * even if the counts are the same: otherwise one that counted before a change and its undoing could write last.
 */
export abstract class RecountedProjection<Name extends string> extends DocumentCollection<CountsDocument> {
  private readonly running = new Map<string, { current: Promise<void>; next?: Promise<void> }>();

  /** Of what has nothing that is counted. */
  protected abstract readonly nothing: Readonly<Record<Name, number>>;
  protected abstract count(id: string): Promise<Record<Name, number>>;
  /** The same for many at once; without those that have nothing. */
  protected abstract countMany(ids: readonly string[]): Promise<Map<string, Record<Name, number>>>;

  /** Call it after a write to what is counted. Many at once for one id share a run that begins after all of them. */
  recount(id: string): Promise<void> {
    const active = this.running.get(id);
    if (!active) return this.start(id);
    const startNext = (): Promise<void> => this.start(id);
    // The run under way may have counted before the caller wrote.
    active.next ??= active.current.then(startNext, startNext);
    return active.next;
  }

  /**
   * Counts all of these again, whatever is there, and writes what is wrong. Returns how much was counted. For those who
   * wrote nothing to what is counted: they need not be the last, so they leave alone what is right.
   */
  async recountAll(ids: readonly string[]): Promise<number> {
    const found = await this.model
      .find({ _id: { $in: [...ids] } })
      .lean<CountsDocument[]>()
      .exec();
    const before = new Map(found.map((document) => [document._id, document]));
    const counted = await this.countMany(ids);
    const writes = ids.flatMap((id) => this.correction(id, before.get(id), counted.get(id)));
    if (writes.length > 0 && !(await this.writeAll(writes))) for (const id of ids) await this.recount(id);
    return [...counted.values()].reduce((sum, counts) => sum + totalOf(counts), 0);
  }

  /** Counts by id; none for what was never counted, which is 0 of everything. */
  async of(ids: readonly string[]): Promise<Map<string, Partial<Record<Name, number>>>> {
    const documents = await this.model
      .find({ _id: { $in: [...ids] } })
      .lean()
      .exec();
    return new Map(documents.map(({ _id, counts }) => [_id, counts as Partial<Record<Name, number>>]));
  }

  private start(id: string): Promise<void> {
    const run = { current: this.run(id) };
    this.running.set(id, run);
    const forget = (): void => {
      if (this.running.get(id) === run) this.running.delete(id);
    };
    run.current.then(forget, forget);
    return run.current;
  }

  private async run(id: string): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const before = await this.model.findOne({ _id: id }, { rev: 1 }).lean<CountsDocument>().exec();
      if (await this.write(id, before, await this.count(id))) return;
      await pause(Math.random() * 5 * attempt);
    }
    throw new ContentionError(id);
  }

  private async write(id: string, before: CountsDocument | null, counts: Record<Name, number>): Promise<boolean> {
    if (before !== null) {
      const { filter, update } = changeOf(before, counts);
      return (await this.model.updateOne(filter, update)).matchedCount > 0;
    }
    try {
      const first = { $setOnInsert: { rev: firstRev(), counts } };
      return (await this.model.updateOne({ _id: id }, first, { upsert: true })).matchedCount === 0;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  private correction(
    id: string,
    before: CountsDocument | undefined,
    counted: Record<Name, number> | undefined,
  ): mongo.AnyBulkWriteOperation<CountsDocument>[] {
    if (before === undefined)
      return counted === undefined ? [] : [{ insertOne: { document: { _id: id, rev: firstRev(), counts: counted } } }];
    const counts = counted ?? { ...this.nothing };
    return isDeepStrictEqual(before.counts, counts) ? [] : [{ updateOne: changeOf(before, counts) }];
  }

  /** False when others wrote one of them meanwhile. */
  private async writeAll(writes: mongo.AnyBulkWriteOperation<CountsDocument>[]): Promise<boolean> {
    try {
      const done = await this.driverCollection<CountsDocument>().bulkWrite(writes, { ordered: false });
      return done.insertedCount + done.matchedCount === writes.length;
    } catch (error) {
      if (!areAllDuplicateKeys(error)) throw error;
      return false;
    }
  }
}

const changeOf = ({ _id, rev }: CountsDocument, counts: Record<string, number>) => ({
  filter: { _id, rev },
  update: { $set: { counts, rev: nextRev(rev) } },
});

const totalOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);
