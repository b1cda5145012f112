import { Commented, type EventOf } from '#contracts';
import { restoredAggregates } from '#messaging';
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
export const restoredComments = restoredAggregates({
  name: 'social-feed.comments',
  from: [Commented],
  into: CommentRepository,
  told: toldOfComment,
});
