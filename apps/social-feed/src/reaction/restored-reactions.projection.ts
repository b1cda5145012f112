import { Injectable } from '@nestjs/common';
import { ReactionRemoved, ReactionSet, type EventOf } from '#contracts';
import { OnEventBatch } from '#messaging';
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
@Injectable()
export class RestoredReactions {
  constructor(private readonly reactions: ReactionRepository) {}

  @OnEventBatch(ReactionSet)
  @OnEventBatch(ReactionRemoved)
  async take(events: readonly ReactionEvent[]): Promise<void> {
    await this.reactions.restore(events.map(toldOfReaction));
  }
}
