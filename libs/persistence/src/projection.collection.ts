import type { mongo, UpdateQuery } from 'mongoose';
import { DocumentCollection, type WithId } from './collection.js';
import { areAllDuplicateKeys, isDuplicateKey } from './errors.js';

const SEEN_KEPT = 200;

/** What a projection keeps beside its fields: up to where it has read which source, and what it has counted. */
export interface ProjectionFields extends WithId {
  src?: Record<string, number>;
  seen?: string[];
}
export type Applied = 'applied' | 'stale';

/** A version of a source, with all fields that a document copies from it. */
export interface NewerCopy<Fields extends object> {
  readonly id: string;
  readonly version: number;
  readonly fields: Fields;
}

/** Documents that are made from events, each event once whatever is delivered (messaging: the dedup ladder). */
export class ProjectionCollection<Document extends WithId> extends DocumentCollection<Document & ProjectionFields> {
  /**
   * For copies of state: applies the update unless this or a later version of the source has been applied.
   * @param source names the aggregate inside the document, `product`; one document may copy from several.
   */
  applyIfNewer(
    id: string,
    source: string,
    version: number,
    update: UpdateQuery<Document & ProjectionFields>,
  ): Promise<Applied> {
    const at = `src.${source}`;
    return this.apply(
      { _id: id, $or: [{ [at]: { $lt: version } }, { [at]: { $exists: false } }] },
      { ...update, $set: { ...update.$set, [at]: version } },
    );
  }

  /**
   * `applyIfNewer` for many documents in one write. Of several copies for one document only the newest is written, so
   * each must have all fields of its source.
   */
  async copyAllIfNewer<Fields extends object>(source: string, copies: readonly NewerCopy<Fields>[]): Promise<void> {
    const at = `src.${source}`;
    const writes = newestOf(copies).map(({ id, version, fields }) => ({
      filter: { _id: id, $or: [{ [at]: { $lt: version } }, { [at]: { $exists: false } }] },
      update: { $set: { ...fields, [at]: version } },
    }));
    if (writes.length === 0) return;
    const collection = this.driverCollection<WithId>();
    const write = (upsert: boolean) =>
      collection.bulkWrite(
        writes.map((one): mongo.AnyBulkWriteOperation<WithId> => ({ updateOne: { ...one, upsert } })),
        { ordered: false },
      );
    try {
      await write(true);
    } catch (error) {
      if (!areAllDuplicateKeys(error)) throw error;
      // Some are stale, and some may have been made by others at the same moment.
      await write(false);
    }
  }

  /** For counts and lists: applies the update unless this event is among the last 200 applied to the document. */
  applyOnce(id: string, eventId: string, update: UpdateQuery<Document & ProjectionFields>): Promise<Applied> {
    return this.apply(
      { _id: id, seen: { $ne: eventId } },
      { ...update, $push: { ...update.$push, seen: { $each: [eventId], $slice: -SEEN_KEPT } } },
    );
  }

  private async apply(filter: object, update: object): Promise<Applied> {
    const collection = this.driverCollection<WithId>();
    const write = (upsert: boolean) => collection.updateOne(filter, update, { upsert });
    try {
      const { matchedCount, upsertedCount } = await write(true);
      return matchedCount + upsertedCount > 0 ? 'applied' : 'stale';
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // The document is there: either this is stale, or another event made it at the same moment.
      const { matchedCount } = await write(false);
      return matchedCount > 0 ? 'applied' : 'stale';
    }
  }
}

/** One for each document. */
function newestOf<Fields extends object>(copies: readonly NewerCopy<Fields>[]): NewerCopy<Fields>[] {
  const newest = new Map<string, NewerCopy<Fields>>();
  for (const copy of copies) if ((newest.get(copy.id)?.version ?? 0) < copy.version) newest.set(copy.id, copy);
  return [...newest.values()];
}
