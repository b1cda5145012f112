import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { ReactionKind } from '#contracts';
import { InjectDatabase } from '#persistence';
import { CommentRepository } from '../comment/comment.repository.js';
import { RecountedProjection } from '../counts/recounted.projection.js';
import { ReactionRepository } from '../reaction/reaction.repository.js';

/** Reactions of each kind and comments of a post, under the post's id. */
@Injectable()
export class PostCounts extends RecountedProjection<ReactionKind | 'comments'> {
  constructor(
    @InjectDatabase() connection: Connection,
    private readonly reactions: ReactionRepository,
    private readonly comments: CommentRepository,
  ) {
    super(connection, { name: 'post-counts', indexes: [] });
  }

  protected readonly nothing = { LIKE: 0, LOVE: 0, WANT: 0, comments: 0 };

  protected async countMany(ids: readonly string[]): Promise<Map<string, Record<ReactionKind | 'comments', number>>> {
    const [comments, ...kinds] = await Promise.all([
      this.comments.countsOf(ids),
      ...ReactionKind.options.map((kind) => this.reactions.countsOf(ids, kind)),
    ]);
    const [LIKE, LOVE, WANT] = kinds;
    const counted = ids.map((id) => {
      const of = (counts: ReadonlyMap<string, number> | undefined): number => counts?.get(id) ?? 0;
      return [id, { LIKE: of(LIKE), LOVE: of(LOVE), WANT: of(WANT), comments: of(comments) }] as const;
    });
    return new Map(counted.filter(([, counts]) => Object.values(counts).some((count) => count > 0)));
  }

  protected async count(postId: string): Promise<Record<ReactionKind | 'comments', number>> {
    const [comments, ...kinds] = await Promise.all([
      this.comments.model.countDocuments({ postId }).exec(),
      ...ReactionKind.options.map((kind) => this.reactions.model.countDocuments({ postId, kind }).exec()),
    ]);
    const [LIKE = 0, LOVE = 0, WANT = 0] = kinds;
    return { LIKE, LOVE, WANT, comments };
  }
}
