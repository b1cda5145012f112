import { Injectable } from '@nestjs/common';
import { ReactionKind, type PostView } from '#contracts';
import type { Stored } from '#persistence';
import { PostCounts } from './post-counts.projection.js';
import { ReactionRepository } from '../reaction/reaction.repository.js';
import type { Post } from './post.js';
import { PostRepository } from './post.repository.js';

/** Posts as the API shows them, with what others made of them. */
@Injectable()
export class PostViews {
  constructor(
    private readonly posts: PostRepository,
    private readonly counts: PostCounts,
    private readonly reactions: ReactionRepository,
  ) {}

  /** Those that are there and not taken back, by id. */
  async byIds(ids: readonly string[], viewerId: string | undefined): Promise<Map<string, PostView>> {
    const views = await this.of(await this.posts.findManyLive(ids), viewerId);
    return new Map(views.map((view) => [view.id, view]));
  }

  async of(posts: readonly Stored<Post>[], viewerId: string | undefined): Promise<PostView[]> {
    if (posts.length === 0) return [];
    const ids = posts.map(({ id }) => id);
    const [counts, own] = await Promise.all([
      this.counts.of(ids),
      viewerId === undefined ? undefined : this.reactions.kindsOf(viewerId, ids),
    ]);
    return posts.map(({ id, state }) => {
      const counted = counts.get(id) ?? {};
      return {
        id,
        authorId: state.authorId,
        text: state.text,
        media: state.media,
        productTags: state.productTags,
        createdAt: state.createdAt.toISOString(),
        reactions: ReactionKind.options.flatMap((kind) => {
          const count = counted[kind] ?? 0;
          return count > 0 ? [{ kind, count }] : [];
        }),
        viewerReaction: own?.get(id) ?? null,
        commentCount: counted.comments ?? 0,
      };
    });
  }

  async one(post: Stored<Post>, viewerId: string | undefined): Promise<PostView> {
    const [view] = await this.of([post], viewerId);
    if (view === undefined) throw new Error(`no view of ${post.id}`);
    return view;
  }
}
