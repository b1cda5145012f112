import { Injectable } from '@nestjs/common';
import { remakePages, type InPlaceRun, type ReadingProgress, type Remake } from '#messaging';
import { eachOnce } from '#persistence';
import { CommentRepository } from '../comment/comment.repository.js';
import { FollowCounts } from '../graph/follow-counts.projection.js';
import { FollowRepository } from '../graph/follow.repository.js';
import { PostCounts } from '../post/post-counts.projection.js';
import { ReactionRepository } from '../reaction/reaction.repository.js';

/** How many follow whom, counted again from the ties. */
@Injectable()
export class RemadeFollowCounts implements Remake {
  constructor(
    private readonly follows: FollowRepository,
    private readonly counts: FollowCounts,
  ) {}

  async isMissing(): Promise<boolean> {
    return (await this.counts.isEmpty()) && !(await this.follows.isEmpty());
  }

  async rebuild(run: InPlaceRun): Promise<ReadingProgress> {
    // Each tie has two sides.
    const total = 2 * (await this.follows.model.countDocuments().exec());
    return remakePages(this.counts.sides(), total, (ids) => this.counts.recountAll(ids), run);
  }
}

/** Reactions and comments of posts, counted again. */
@Injectable()
export class RemadePostCounts implements Remake {
  constructor(
    private readonly reactions: ReactionRepository,
    private readonly comments: CommentRepository,
    private readonly counts: PostCounts,
  ) {}

  async isMissing(): Promise<boolean> {
    if (!(await this.counts.isEmpty())) return false;
    return !(await this.reactions.isEmpty()) || !(await this.comments.isEmpty());
  }

  async rebuild(run: InPlaceRun): Promise<ReadingProgress> {
    const { reactions, comments, counts } = this;
    const total = (await reactions.model.countDocuments().exec()) + (await comments.model.countDocuments().exec());
    const posts = eachOnce(reactions.valuesOf('postId'), comments.valuesOf('postId'), counts.valuesOf('_id'));
    return remakePages(posts, total, (ids) => counts.recountAll(ids), run);
  }
}
