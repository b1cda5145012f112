import { Inject, Injectable } from '@nestjs/common';
import { FollowCounts } from '../graph/follow-counts.projection.js';
import { FollowRepository } from '../graph/follow.repository.js';
import { PostRepository } from '../post/post.repository.js';
import { HomeFeeds } from './home.projection.js';
import { PulledAuthors } from './pulled-authors.projection.js';
import type { Entry } from './timeline.js';
import { TIMELINE_SETTINGS, type TimelineSettings } from './timeline.settings.js';

/**
 * Brings posts into home feeds. Complete because of what is written before what is read: a post is stored before its
 * followers are read, and a follow is stored before the author's posts are read. So whichever comes first, one of the
 * two readings sees the other's write; rows are keyed, so both seeing it does no harm.
 */
@Injectable()
export class FanOut {
  constructor(
    private readonly follows: FollowRepository,
    private readonly counts: FollowCounts,
    private readonly posts: PostRepository,
    private readonly pulled: PulledAuthors,
    private readonly home: HomeFeeds,
    @Inject(TIMELINE_SETTINGS) private readonly settings: TimelineSettings,
  ) {}

  /** A new post goes to everybody who follows its author. */
  async spread(entry: Entry, at: Date): Promise<void> {
    if (await this.isPulled(entry.authorId, at)) return;
    const { fanOutChunk } = this.settings;
    for (let above: string | undefined; ;) {
      const followers = await this.follows.followersFrom(entry.authorId, above, fanOutChunk);
      await this.home.addToMany(
        followers.map(({ state }) => state.followerId),
        entry,
      );
      if (followers.length < fanOutChunk) return;
      above = followers.at(-1)?.state.seq;
    }
  }

  /** A new follower gets the author's posts, as many as a feed keeps. */
  async bring(readerId: string, authorId: string): Promise<void> {
    const posts = await this.posts.idsOfAuthors([authorId], undefined, this.settings.keptEntries);
    if (posts.length === 0 || (await this.pulled.has(authorId))) return;
    const floor = await this.home.floorOf(readerId);
    const kept = posts.filter(({ postId }) => floor === undefined || postId >= floor);
    await this.home.addToOne(readerId, kept);
  }

  private async isPulled(authorId: string, at: Date): Promise<boolean> {
    if (await this.pulled.has(authorId)) return true;
    const counts = await this.counts.of([authorId]);
    if (counts(authorId).followerCount <= this.settings.pullAboveFollowers) return false;
    await this.pulled.add(authorId, at);
    return true;
  }
}
