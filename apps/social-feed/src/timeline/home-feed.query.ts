import { Injectable } from '@nestjs/common';
import type { FeedItemView } from '#contracts';
import { FollowRepository } from '../graph/follow.repository.js';
import { PostViews } from '../post/post.query.js';
import { PostRepository } from '../post/post.repository.js';
import { HomeFeeds } from './home.projection.js';
import { PulledAuthors } from './pulled-authors.projection.js';
import { mergeStretches, readPage, type Entry, type FeedPage, type MergedStretch, type Stretch } from './timeline.js';

type VisibleEntry = Entry & FeedItemView;

/**
 * Reads a home feed: what was copied into it, laid over what is asked for now (the reader's own posts, and those of
 * authors with very many followers). Who is followed and which posts are there is looked up at each read.
 */
@Injectable()
export class HomeFeedQuery {
  constructor(
    private readonly home: HomeFeeds,
    private readonly pulled: PulledAuthors,
    private readonly follows: FollowRepository,
    private readonly posts: PostRepository,
    private readonly views: PostViews,
  ) {}

  async page(readerId: string, first: number, after: string | undefined): Promise<FeedPage<VisibleEntry>> {
    const pulled = await this.follows.followedAmong(readerId, await this.pulled.ids());
    const asked = [readerId, ...pulled];
    return readPage(
      first,
      after,
      (below, count) => this.stretch(readerId, asked, below, count),
      (entries) => this.visible(readerId, entries),
    );
  }

  private async stretch(
    readerId: string,
    asked: readonly string[],
    below: string | undefined,
    count: number,
  ): Promise<MergedStretch> {
    const [copied, live] = await Promise.all([
      this.copied(readerId, below, count),
      this.posts.idsOfAuthors(asked, below, count),
    ]);
    return mergeStretches([copied, { entries: live, full: live.length === count }]);
  }

  /** The copied entries and, below the floor, what all followed authors posted. */
  private async copied(readerId: string, below: string | undefined, count: number): Promise<Stretch> {
    const { entries, floor } = await this.home.below(readerId, below, count);
    if (entries.length === count || floor === undefined) return { entries, full: entries.length === count };
    const followed = await this.follows.followeeIds(readerId);
    const from = below === undefined || below > floor ? floor : below;
    const older = await this.posts.idsOfAuthors(followed, from, count - entries.length);
    return { entries: [...entries, ...older], full: entries.length + older.length === count };
  }

  private async visible(readerId: string, entries: readonly Entry[]): Promise<VisibleEntry[]> {
    if (entries.length === 0) return [];
    const [followed, posts] = await Promise.all([
      this.follows.followedAmong(
        readerId,
        entries.map(({ authorId }) => authorId),
      ),
      this.views.byIds(
        entries.map(({ postId }) => postId),
        readerId,
      ),
    ]);
    const reasonOf = (authorId: string): FeedItemView['reason'] | undefined => {
      if (authorId === readerId) return 'OWN';
      return followed.has(authorId) ? 'FOLLOWING' : undefined;
    };
    return entries.flatMap((entry) => {
      const reason = reasonOf(entry.authorId);
      const post = posts.get(entry.postId);
      return reason === undefined || post === undefined ? [] : [{ ...entry, post, reason }];
    });
  }
}
