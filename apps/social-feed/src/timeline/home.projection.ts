import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { areAllDuplicateKeys, DocumentCollection, InjectDatabase, isDuplicateKey } from '#persistence';
import { ABOVE_ALL_POSTS, homeRowId, isTrimTurn, postOfHomeRow, type Entry } from './timeline.js';
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
   * Makes a feed what it is to be.
   * @param entries its newest ones, as they are now.
   * @param floor the last of them, where there are more below.
   * @param authorsOf of these posts: those that are there, with their authors.
   */
  async mend(
    readerId: string,
    entries: readonly Entry[],
    floor: string | undefined,
    authorsOf: (postIds: readonly string[]) => Promise<ReadonlyMap<string, string>>,
  ): Promise<void> {
    if (floor !== undefined) await this.raiseFloor(readerId, floor);
    const rows = await this.rows.model
      .find({ _id: rangeOf(readerId) })
      .lean<HomeRow[]>()
      .exec();
    // After the rows: a post is stored before its rows, so that one without a post will never have one.
    const authors = await authorsOf(rows.map(({ _id }) => postOfHomeRow(_id)));
    const gone = rows.flatMap(({ _id }) => (authors.has(postOfHomeRow(_id)) ? [] : [_id]));
    if (gone.length > 0) await this.rows.model.deleteMany({ _id: { $in: gone } }).exec();
    for (const { _id, a } of rows) {
      const author = authors.get(postOfHomeRow(_id));
      if (author !== undefined && author !== a)
        await this.rows.model.updateOne({ _id }, { $set: { a: author } }).exec();
    }
    const lowest = await this.floorOf(readerId);
    await this.addToOne(
      readerId,
      entries.filter(({ postId }) => lowest === undefined || postId >= lowest),
    );
  }

  async floorOf(readerId: string): Promise<string | undefined> {
    const known = await this.floors.model.findOne({ _id: readerId }).lean().exec();
    return known?.floor;
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

  private async insert(rows: HomeRow[]): Promise<void> {
    if (rows.length === 0) return;
    try {
      await this.rows.model.insertMany(rows, { ordered: false, lean: true });
    } catch (error) {
      if (!areAllDuplicateKeys(error)) throw error;
    }
  }
}

const rangeOf = (readerId: string) => ({ $gt: homeRowId(readerId, ''), $lt: homeRowId(readerId, ABOVE_ALL_POSTS) });
