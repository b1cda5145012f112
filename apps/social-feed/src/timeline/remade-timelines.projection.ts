import { Inject, Injectable } from '@nestjs/common';
import { remakePages, type InPlaceRun, type ReadingProgress, type Remake } from '#messaging';
import { FollowRepository } from '../graph/follow.repository.js';
import { PostRepository } from '../post/post.repository.js';
import { AuthorPosts } from './author-posts.js';
import { HomeFeeds, type WantedFeed } from './home.projection.js';
import { PulledAuthors } from './pulled-authors.projection.js';
import { newestOf } from './timeline.js';
import { TIMELINE_SETTINGS, type TimelineSettings } from './timeline.settings.js';

const READERS_AT_ONCE = 32;

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

  async rebuild(run: InPlaceRun): Promise<ReadingProgress> {
    await this.findPulled(run.signal);
    const pulled = new Set(await this.pulled.ids());
    const newest = new AuthorPosts(this.posts, this.settings.keptEntries + 1);
    const total = await this.follows.model.countDocuments().exec();
    const remake = (readerIds: readonly string[]) => this.remake(readerIds, pulled, newest);
    return remakePages(this.chunks(), total, remake, run);
  }

  private async *chunks(): AsyncGenerator<string[]> {
    for await (const readerIds of this.follows.valuesOf('followerId'))
      for (let from = 0; from < readerIds.length; from += READERS_AT_ONCE)
        yield readerIds.slice(from, from + READERS_AT_ONCE);
  }

  /** Those who have too many followers now; those who had them before stay. */
  private async findPulled(signal: AbortSignal): Promise<void> {
    for await (const authors of this.follows.valuesOf('followeeId')) {
      signal.throwIfAborted();
      for (const [authorId, followers] of await this.follows.countsOf('followers', authors))
        if (followers > this.settings.pullAboveFollowers) await this.pulled.add(authorId, new Date());
    }
  }

  /** Returns how many they follow, all together. */
  private async remake(
    readerIds: readonly string[],
    pulled: ReadonlySet<string>,
    newest: AuthorPosts,
  ): Promise<number> {
    const followed = await this.follows.followeesOf(readerIds);
    const posts = await newest.of([...followed.values()].flat().filter((authorId) => !pulled.has(authorId)));
    const { keptEntries } = this.settings;
    const feeds = readerIds.map((readerId): WantedFeed => {
      const authors = (followed.get(readerId) ?? []).filter((authorId) => !pulled.has(authorId));
      const found = newestOf(
        authors.map((authorId) => posts.get(authorId) ?? []),
        keptEntries + 1,
      );
      const entries = found.slice(0, keptEntries);
      return { readerId, entries, floor: found.length > entries.length ? entries.at(-1)?.postId : undefined };
    });
    await this.home.mend(feeds, (postIds) => this.posts.authorsOf(postIds));
    return [...followed.values()].reduce((sum, { length }) => sum + length, 0);
  }
}
