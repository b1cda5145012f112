import { Commented, event, type NewEvent } from '#contracts';

export interface Comment {
  readonly postId: string;
  readonly authorId: string;
  readonly text: string;
  readonly createdAt: Date;
}

export function writeComment(commentId: string, comment: Comment): { state: Comment; events: NewEvent[] } {
  const { postId, authorId, text } = comment;
  const data = { commentId, postId, authorId, text, createdAt: comment.createdAt.toISOString() };
  return { state: comment, events: [event(Commented, data, postId)] };
}
