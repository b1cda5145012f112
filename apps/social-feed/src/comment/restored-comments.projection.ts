import { Injectable } from '@nestjs/common';
import { Commented, type EventOf } from '#contracts';
import { OnEventBatch } from '#messaging';
import { newestTold, type KnownState } from '#persistence';
import type { Comment } from './comment.js';
import { CommentRepository } from './comment.repository.js';

type CommentEvent = EventOf<typeof Commented>;

/** What the event tells of a comment: all of it, as nothing ever changes one. */
export function toldOfComment({ subject: id, version, time, data }: CommentEvent): KnownState<Comment> {
  const { postId, authorId, text, createdAt } = data;
  return newestTold<Comment>(id, version, { postId, authorId, text, createdAt: new Date(createdAt ?? time) });
}

/** Comments, from their states. */
@Injectable()
export class RestoredComments {
  constructor(private readonly comments: CommentRepository) {}

  @OnEventBatch(Commented)
  async take(events: readonly CommentEvent[]): Promise<void> {
    await this.comments.restore(events.map(toldOfComment));
  }
}
