import { Injectable } from '@nestjs/common';
import type { Stored, WriteOptions } from '#persistence';
import { SettledWrites } from '../counts/settled-writes.js';
import { PostCounts } from '../post/post-counts.projection.js';
import { writeComment, type Comment } from './comment.js';
import { CommentRepository } from './comment.repository.js';

/** Writes comments, and counts them. */
@Injectable()
export class CommentHandler {
  private readonly settled = new SettledWrites();

  constructor(
    private readonly comments: CommentRepository,
    private readonly counts: PostCounts,
  ) {}

  async write(commentId: string, comment: Comment, options: WriteOptions): Promise<Stored<Comment>> {
    const { state, events } = writeComment(commentId, comment);
    const { stored } = await this.comments.insert(commentId, state, events, options);
    await this.settle(commentId, comment.postId);
    return stored;
  }

  settle(commentId: string, postId: string): Promise<void> {
    return this.settled.once(commentId, 1, () => this.counts.recount(postId));
  }
}
