import { Inject, Injectable } from '@nestjs/common';
import type { InPlaceRun, ReadingProgress, Remake } from '#messaging';
import { FollowRepository } from '../graph/follow.repository.js';
import { PostRepository } from '../post/post.repository.js';
import { HomeFeeds } from './home.projection.js';
import { PulledAuthors } from './pulled-authors.projection.js';
import { TIMELINE_SETTINGS, type TimelineSettings } from './timeline.settings.js';

const READERS_AT_ONCE = 8;

/**
 * Home feeds, made again of ties and posts: afterwards each has its newest entries and is complete from its floor up, as
 * fan-out leaves it. Nothing is taken away that somebody may see, and floors only rise; so posts, follows and trims of the
 * same moment lose nothing: a post or a follow that is not seen here is brought by whoever wrote it.
 */
@Injectable()
export class RemadeTimelines implements Remake {
  constructor(
    private readonly follows: FollowRepository,
    private readonly posts: PostRepository,
    private readonly pulled: PulledAuthors,
    private readonly home: HomeFeeds,
    @Inject(TIMELINE_SETTINGS) private readonly settings: TimelineSettings,
  ) {}

  async isMissing(): Promise<boolean> {
    if (!(await this.home.rows.isEmpty())) return false;
    return !(await this.follows.isEmpty()) && !(await this.posts.isEmpty());
  }

  async rebuild({ onProgress, signal }: InPlaceRun): Promise<ReadingProgress> {
    await this.findPulled(signal);
    const pulled = new Set(await this.pulled.ids());
    const total = await this.follows.model.countDocuments().exec();
    let done = 0;
    for await (const readers of this.follows.valuesOf('followerId')) {
      for (let from = 0; from < readers.length; from += READERS_AT_ONCE) {
        signal.throwIfAborted();
        const ties = await Promise.all(
          readers.slice(from, from + READERS_AT_ONCE).map((readerId) => this.remake(readerId, pulled)),
        );
        done = ties.reduce((sum, count) => sum + count, done);
        onProgress({ done: Math.min(done, total), total });
      }
    }
    return { done: total, total };
  }

  /** Those who have too many followers now; those who had them before stay. */
  private async findPulled(signal: AbortSignal): Promise<void> {
    for await (const authors of this.follows.valuesOf('followeeId')) {
      signal.throwIfAborted();
      for (const [authorId, followers] of await this.follows.countsOf('followers', authors))
        if (followers > this.settings.pullAboveFollowers) await this.pulled.add(authorId, new Date());
    }
  }

  /** Returns how many the reader follows. */
  private async remake(readerId: string, pulled: ReadonlySet<string>): Promise<number> {
    const { keptEntries } = this.settings;
    const followed = await this.follows.followeeIds(readerId);
    const copied = followed.filter((authorId) => !pulled.has(authorId));
    const newest = await this.posts.idsOfAuthors(copied, undefined, keptEntries + 1);
    const kept = newest.slice(0, keptEntries);
    const last = kept.at(-1);
    await this.home.mend(readerId, kept, newest.length > kept.length ? last?.postId : undefined, (ids) =>
      this.posts.authorsOf(ids),
    );
    return followed.length;
  }
}
