import { ReactionRemoved, ReactionSet, type EventOf } from '#contracts';
import { restoredAggregates } from '#messaging';
import { newestTold, type KnownState } from '#persistence';
import type { Reaction } from './reaction.js';
import { ReactionRepository } from './reaction.repository.js';

type ReactionEvent = EventOf<typeof ReactionSet> | EventOf<typeof ReactionRemoved>;

/** What an event tells of a reaction: all of it. */
export function toldOfReaction({ subject: id, version, type, data }: ReactionEvent): KnownState<Reaction> {
  const { postId, profileId, kind } = data;
  return newestTold<Reaction>(id, version, { postId, profileId, kind: type === 'reaction.set' ? kind : null });
}

/** Reactions, from their states. */
export const restoredReactions = restoredAggregates({
  name: 'social-feed.reactions',
  from: [ReactionSet, ReactionRemoved],
  into: ReactionRepository,
  told: toldOfReaction,
});
