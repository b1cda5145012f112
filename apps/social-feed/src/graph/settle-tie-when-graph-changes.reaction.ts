import { Injectable } from '@nestjs/common';
import { Followed, Unfollowed, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { FollowHandler } from './follow.handler.js';
import { FollowRepository } from './follow.repository.js';

/** What follows from a tie's change is done, even if the process that changed it died right after. */
@Injectable()
@ConsumerGroup('social-feed.graph')
export class SettleTieWhenGraphChanges {
  constructor(
    private readonly follows: FollowRepository,
    private readonly handler: FollowHandler,
  ) {}

  @OnEvent(Followed)
  async onFollowed(event: EventOf<typeof Followed>): Promise<void> {
    await this.settle(event.subject);
  }

  @OnEvent(Unfollowed)
  async onUnfollowed(event: EventOf<typeof Unfollowed>): Promise<void> {
    await this.settle(event.subject);
  }

  /** The tie as it is now, whatever the event says: an older event then does what the newest one asks for. */
  private async settle(tieId: string): Promise<void> {
    const stored = await this.follows.find(tieId);
    if (stored) await this.handler.settle(stored);
  }
}
