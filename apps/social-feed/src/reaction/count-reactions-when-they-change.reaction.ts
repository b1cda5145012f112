import { Injectable } from '@nestjs/common';
import { ReactionRemoved, ReactionSet, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { ReactHandler } from './react.handler.js';
import { ReactionRepository } from './reaction.repository.js';

/** Reactions are counted, even if the process that wrote one died right after. */
@Injectable()
@ConsumerGroup('social-feed.engagement')
export class CountReactionsWhenTheyChange {
  constructor(
    private readonly reactions: ReactionRepository,
    private readonly handler: ReactHandler,
  ) {}

  @OnEvent(ReactionSet)
  async onReactionSet(event: EventOf<typeof ReactionSet>): Promise<void> {
    await this.settle(event.subject);
  }

  @OnEvent(ReactionRemoved)
  async onReactionRemoved(event: EventOf<typeof ReactionRemoved>): Promise<void> {
    await this.settle(event.subject);
  }

  private async settle(reactionId: string): Promise<void> {
    const stored = await this.reactions.find(reactionId);
    if (stored) await this.handler.settle(stored);
  }
}
