import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Connection, mongo } from 'mongoose';
import { areAllDuplicateKeys, DocumentCollection, InjectDatabase, isDuplicateKey } from '#persistence';
import { ABOVE_ALL_POSTS, homeRowId, isTrimTurn, postOfHomeRow, readerOfHomeRow, type Entry } from './timeline.js';
import { TIMELINE_SETTINGS, type TimelineSettings } from './timeline.settings.js';

interface HomeRow {
  /** `profile|post`: the only index it needs. */
  _id: string;
  /** The author. */
  a: string;
}
interface HomeFloor {
  /** The reader's profile. */
  _id: string;
  /** The feed is complete from this post id up. */
  floor: string;
}

/** What a feed is to be. */
export interface WantedFeed {
  readonly readerId: string;
  /** Its newest ones, as they are now. */
  readonly entries: readonly Entry[];
  /** The last of them, where there are more below. */
  readonly floor: string | undefined;
}
export type AuthorsOf = (postIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;

const ROWS_AT_ONCE = 2_000;

/**
 * Home feeds, written when somebody posts. Rows of authors who are no longer followed and of deleted posts stay until
 * they are trimmed: whoever reads leaves them out.
 */
@Injectable()
export class HomeFeeds implements OnModuleInit {
  readonly rows: DocumentCollection<HomeRow>;
  readonly floors: DocumentCollection<HomeFloor>;

  constructor(
    @InjectDatabase() connection: Connection,
    @Inject(TIMELINE_SETTINGS) private readonly settings: TimelineSettings,
  ) {
    this.rows = new DocumentCollection(connection, { name: 'home', indexes: [] });
    this.floors = new DocumentCollection(connection, { name: 'home-floors', indexes: [] });
  }

  async onModuleInit(): Promise<void> {
    await Promise.all([this.rows.onModuleInit(), this.floors.onModuleInit()]);
  }

  /** Newest first, down to the floor at most. */
  async below(
    readerId: string,
    below: string | undefined,
    count: number,
  ): Promise<{ entries: Entry[]; floor?: string }> {
    const range = { $gt: homeRowId(readerId, ''), $lt: homeRowId(readerId, below ?? ABOVE_ALL_POSTS) };
    const rows = await this.rows.model.find({ _id: range }).sort({ _id: -1 }).limit(count).lean().exec();
    // After the rows: trimming raises the floor first and deletes then, so what was deleted under us lies below it.
    const floor = await this.floorOf(readerId);
    const entries = rows.map(({ _id, a }) => ({ postId: postOfHomeRow(_id), authorId: a }));
    if (floor === undefined) return { entries };
    return { entries: entries.filter(({ postId }) => postId >= floor), floor };
  }

  /** Puts one post into several feeds; where it is already, nothing changes. */
  async addToMany(readerIds: readonly string[], entry: Entry): Promise<void> {
    await this.insert(readerIds.map((readerId) => ({ _id: homeRowId(readerId, entry.postId), a: entry.authorId })));
    for (const readerId of readerIds)
      if (isTrimTurn(readerId, entry.postId, this.settings.trimEvery)) await this.trim(readerId);
  }

  /** Puts several posts of one author into one feed. */
  async addToOne(readerId: string, entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return;
    const ids = entries.map(({ postId }) => homeRowId(readerId, postId));
    const present = await this.rows.model
      .find({ _id: { $in: ids } }, { _id: 1 })
      .lean()
      .exec();
    const known = new Set(present.map(({ _id }) => _id));
    const missing = entries.map(({ postId, authorId }) => ({ _id: homeRowId(readerId, postId), a: authorId }));
    await this.insert(missing.filter(({ _id }) => !known.has(_id)));
    await this.trim(readerId);
  }

  /**
   * Makes feeds what they are to be, all of them in a few round trips.
   * @param authorsOf of these posts: those that are there, with their authors.
   */
  async mend(feeds: readonly WantedFeed[], authorsOf: AuthorsOf): Promise<void> {
    await this.raiseFloors(feeds);
    const readerIds = feeds.map(({ readerId }) => readerId);
    const rows = await this.rowsOf(readerIds);
    const wanted = new Map(feeds.flatMap(({ entries }) => entries.map((entry) => [entry.postId, entry.authorId])));
    const others = new Set(rows.map(({ _id }) => postOfHomeRow(_id)).filter((postId) => !wanted.has(postId)));
    // After the rows: a post is stored before its rows, so that one without a post will never have one.
    const found = await authorsOf([...others]);
    await this.correct(rows, (postId) => wanted.get(postId) ?? found.get(postId));
    const floors = await this.floorsOf(readerIds);
    const present = new Set(rows.map(({ _id }) => _id));
    const missing = feeds.flatMap(({ readerId, entries }) => {
      const floor = floors.get(readerId) ?? '';
      const due = entries.filter(({ postId }) => postId >= floor && !present.has(homeRowId(readerId, postId)));
      return due.map(({ postId, authorId }) => ({ _id: homeRowId(readerId, postId), a: authorId }));
    });
    await this.insert(missing);
    const counts = new Map<string, number>();
    for (const { _id } of [...rows, ...missing])
      counts.set(readerOfHomeRow(_id), (counts.get(readerOfHomeRow(_id)) ?? 0) + 1);
    for (const [readerId, count] of counts) if (count > this.settings.keptEntries) await this.trim(readerId);
  }

  async floorOf(readerId: string): Promise<string | undefined> {
    const known = await this.floors.model.findOne({ _id: readerId }).lean().exec();
    return known?.floor;
  }

  private async floorsOf(readerIds: readonly string[]): Promise<Map<string, string>> {
    const known = await this.floors.model
      .find({ _id: { $in: [...readerIds] } })
      .lean<HomeFloor[]>()
      .exec();
    return new Map(known.map(({ _id, floor }) => [_id, floor]));
  }

  /** In one scan: those whose ids lie between these are few, as readers are mended in the order of their ids. */
  private async rowsOf(readerIds: readonly string[]): Promise<HomeRow[]> {
    const ids = [...readerIds].toSorted();
    const [first, last] = [ids.at(0), ids.at(-1)];
    if (first === undefined || last === undefined) return [];
    const range = { $gt: rangeOf(first).$gt, $lt: rangeOf(last).$lt };
    const rows = await this.rows.driverCollection<HomeRow>().find({ _id: range }).toArray();
    const asked = new Set(ids);
    return rows.filter(({ _id }) => asked.has(readerOfHomeRow(_id)));
  }

  /** Takes out rows of posts that are not there, and names the right authors in the others. */
  private async correct(rows: readonly HomeRow[], authorOf: (postId: string) => string | undefined): Promise<void> {
    const writes = rows.flatMap(({ _id, a }): mongo.AnyBulkWriteOperation<HomeRow>[] => {
      const author = authorOf(postOfHomeRow(_id));
      if (author === undefined) return [{ deleteOne: { filter: { _id } } }];
      return author === a ? [] : [{ updateOne: { filter: { _id }, update: { $set: { a: author } } } }];
    });
    if (writes.length > 0) await this.rows.driverCollection<HomeRow>().bulkWrite(writes, { ordered: false });
  }

  private async raiseFloors(feeds: readonly WantedFeed[]): Promise<void> {
    const writes = feeds.flatMap(({ readerId, floor }): mongo.AnyBulkWriteOperation<HomeFloor>[] => {
      if (floor === undefined) return [];
      return [{ updateOne: { filter: { _id: readerId }, update: { $max: { floor } }, upsert: true } }];
    });
    if (writes.length === 0) return;
    const raise = () => this.floors.driverCollection<HomeFloor>().bulkWrite(writes, { ordered: false });
    try {
      await raise();
    } catch (error) {
      // A first trim of the same moment: the document is there now.
      if (!areAllDuplicateKeys(error)) throw error;
      await raise();
    }
  }

  /** Keeps the newest entries. The floor rises before anything goes. */
  private async trim(readerId: string): Promise<void> {
    const range = rangeOf(readerId);
    const [lastKept, beyond] = await this.rows.model
      .find({ _id: range }, { _id: 1 })
      .sort({ _id: -1 })
      .skip(this.settings.keptEntries - 1)
      .limit(2)
      .lean()
      .exec();
    if (lastKept === undefined || beyond === undefined) return;
    await this.raiseFloor(readerId, postOfHomeRow(lastKept._id));
    await this.rows.model.deleteMany({ _id: { $gt: range.$gt, $lt: lastKept._id } }).exec();
  }

  private async raiseFloor(readerId: string, floor: string): Promise<void> {
    const raise = () => this.floors.model.updateOne({ _id: readerId }, { $max: { floor } }, { upsert: true }).exec();
    try {
      await raise();
    } catch (error) {
      // Two first trims at the same moment: the document is there now.
      if (!isDuplicateKey(error)) throw error;
      await raise();
    }
  }

  /** By the driver: these are more than anything else, and mongoose has nothing to add to them. */
  private async insert(rows: readonly HomeRow[]): Promise<void> {
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE)
      try {
        const some = rows.slice(from, from + ROWS_AT_ONCE);
        await this.rows.driverCollection<HomeRow>().insertMany(some, { ordered: false });
      } catch (error) {
        if (!areAllDuplicateKeys(error)) throw error;
      }
  }
}

const rangeOf = (readerId: string) => ({ $gt: homeRowId(readerId, ''), $lt: homeRowId(readerId, ABOVE_ALL_POSTS) });
