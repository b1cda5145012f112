import { Commented, event, type NewEvent } from '#contracts';

export interface Comment {
  readonly postId: string;
  readonly authorId: string;
  readonly text: string;
  readonly createdAt: Date;
}

export function writeComment(commentId: string, comment: Comment): { state: Comment; events: NewEvent[] } {
  const { postId, authorId, text } = comment;
  return { state: comment, events: [event(Commented, { commentId, postId, authorId, text }, postId)] };
}
