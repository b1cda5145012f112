import { z } from 'zod';
import { addTo, compareLists } from './lists.js';
import { histories, type Check, type Message, type Recording } from './recording.js';
import type { CommentShown, PostShown } from './shown.js';

const TOPIC = 'social.engagement.v1';
const Reaction = z.object({ postId: z.string(), profileId: z.string(), kind: z.string() });
const Comment = z.object({ commentId: z.string(), postId: z.string(), authorId: z.string(), text: z.string() });

export interface ReactionTold {
  readonly postId: string;
  readonly profileId: string;
  readonly kind: string;
}

const lastOf = (recording: Recording): Message[] =>
  [...histories(recording, TOPIC).values()].flatMap((history) => history.at(-1) ?? []);

/** The reactions that stand: each person's last one to a post, unless it was taken back. */
export const reactionsTold = (recording: Recording): ReactionTold[] =>
  lastOf(recording).flatMap(({ type, value }) => (type === 'reaction.set' ? [Reaction.parse(JSON.parse(value))] : []));

function commentsTold(recording: Recording): Map<string, CommentShown[]> {
  const byPost = new Map<string, CommentShown[]>();
  for (const { type, value } of lastOf(recording)) {
    if (type !== 'comment.added') continue;
    const { postId, ...comment } = Comment.parse(JSON.parse(value));
    addTo(byPost, postId, comment);
  }
  return byPost;
}

const written = ({ commentId, authorId, text }: CommentShown): string => `${commentId} of ${authorId}: ${text}`;

/** A post has the reactions and comments that its readers gave it, the oldest comment first; they see their own. */
export const checkEngagement: Check = (recording) => {
  const { posts, readers } = recording.shown;
  const reactions = new Map<string, ReactionTold[]>();
  for (const reaction of reactionsTold(recording)) addTo(reactions, reaction.postId, reaction);
  const comments = commentsTold(recording);
  return [
    ...posts.flatMap((post) => engagementOf(post, reactions.get(post.postId) ?? [], comments.get(post.postId) ?? [])),
    ...readers.flatMap(({ profileId, feed }) =>
      feed.flatMap(({ postId, reaction }) => {
        const due = reactions.get(postId)?.find((one) => one.profileId === profileId)?.kind ?? null;
        return reaction === due ? [] : [`${profileId} sees ${reaction} as the own reaction to ${postId}, it is ${due}`];
      }),
    ),
  ];
};

function engagementOf(
  post: PostShown,
  reactions: readonly ReactionTold[],
  comments: readonly CommentShown[],
): string[] {
  const { postId, commentCount } = post;
  const kinds = new Set([...Object.keys(post.reactions), ...reactions.map(({ kind }) => kind)]);
  const counts = [...kinds].flatMap((kind) => {
    const [count, due] = [post.reactions[kind] ?? 0, reactions.filter((one) => one.kind === kind).length];
    return count === due ? [] : [`${postId} shows ${count} ${kind}, its events say ${due}`];
  });
  const wrongCount =
    commentCount === comments.length
      ? []
      : [`${postId} shows ${commentCount} comments, its events are ${comments.length}`];
  const due = comments.map(written).toSorted();
  return [...counts, ...wrongCount, ...compareLists(`comments of ${postId}`, post.comments.map(written), due)];
}
