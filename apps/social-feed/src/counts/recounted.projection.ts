import { setTimeout as pause } from 'node:timers/promises';
import { ContentionError, DocumentCollection, isDuplicateKey } from '#persistence';

interface CountsDocument {
  _id: string;
  rev: number;
  counts: Record<string, number>;
}
const ATTEMPTS = 12;

/**
 * Counts that are made by counting again, never by adding: a repeated, late or lost event can't make them drift.
 *
 * Exact because every recount reads `rev` before it counts and writes only under that `rev`. So the last one to write
 * began after all others had written, and each write to what is counted is followed by a recount of its own. It writes
 * even if the counts are the same: otherwise one that counted before a change and its undoing could write last.
 */
export abstract class RecountedProjection<Name extends string> extends DocumentCollection<CountsDocument> {
  private readonly running = new Map<string, { current: Promise<void>; next?: Promise<void> }>();

  protected abstract count(id: string): Promise<Record<Name, number>>;

  /** Call it after a write to what is counted. Many at once for one id share a run that begins after all of them. */
  recount(id: string): Promise<void> {
    const active = this.running.get(id);
    if (!active) return this.start(id);
    const startNext = (): Promise<void> => this.start(id);
    // The run under way may have counted before the caller wrote.
    active.next ??= active.current.then(startNext, startNext);
    return active.next;
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
      const before = await this.model.findOne({ _id: id }, { rev: 1 }).lean().exec();
      if (await this.write(id, before?.rev, await this.count(id))) return;
      await pause(Math.random() * 5 * attempt);
    }
    throw new ContentionError(id);
  }

  private async write(id: string, rev: number | undefined, counts: Record<Name, number>): Promise<boolean> {
    if (rev !== undefined) {
      const { matchedCount } = await this.model.updateOne({ _id: id, rev }, { $set: { counts }, $inc: { rev: 1 } });
      return matchedCount > 0;
    }
    try {
      const first = { $setOnInsert: { rev: 1, counts } };
      return (await this.model.updateOne({ _id: id }, first, { upsert: true })).matchedCount === 0;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }
}
