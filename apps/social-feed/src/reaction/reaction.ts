import { event, ReactionRemoved, ReactionSet, type NewEvent, type ReactionKind } from '#contracts';

/** What one person feels about one post: one kind at a time, null when taken back. */
export interface Reaction {
  readonly postId: string;
  readonly profileId: string;
  readonly kind: ReactionKind | null;
}
export interface ReactionDecision {
  readonly state?: Reaction;
  readonly events?: readonly NewEvent[];
}

/** One document for each person and post: reacting again replaces. */
export const reactionId = (postId: string, profileId: string): string => `${postId}|${profileId}`;

export function react(present: Reaction, kind: ReactionKind): ReactionDecision {
  if (present.kind === kind) return {};
  const { postId, profileId, kind: previous } = present;
  return {
    state: { postId, profileId, kind },
    events: [event(ReactionSet, { postId, profileId, kind, previous }, postId)],
  };
}

export function unreact(present: Reaction): ReactionDecision {
  const { postId, profileId, kind } = present;
  if (kind === null) return {};
  return {
    state: { postId, profileId, kind: null },
    events: [event(ReactionRemoved, { postId, profileId, kind }, postId)],
  };
}
