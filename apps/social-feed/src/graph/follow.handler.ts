import { Injectable } from '@nestjs/common';
import type { Stored } from '#persistence';
import { SettledWrites } from '../counts/settled-writes.js';
import { FanOut } from '../timeline/fan-out.js';
import { FollowCounts } from './follow-counts.projection.js';
import { FollowRepository } from './follow.repository.js';
import type { Follow } from './graph.js';

interface Tie {
  readonly followerId: string;
  readonly followeeId: string;
}
interface Command {
  readonly at: Date;
  readonly commandId: string;
}

/** Begins and ends ties, with all that follows from them. */
@Injectable()
export class FollowHandler {
  private readonly settled = new SettledWrites();

  constructor(
    private readonly follows: FollowRepository,
    private readonly counts: FollowCounts,
    private readonly fanOut: FanOut,
  ) {}

  async follow({ followerId, followeeId }: Tie, { at, commandId }: Command): Promise<void> {
    await this.settle(await this.follows.follow(followerId, followeeId, at, { commandId }));
  }

  async unfollow({ followerId, followeeId }: Tie, { commandId }: Command): Promise<void> {
    const stored = await this.follows.unfollow(followerId, followeeId, { commandId });
    if (stored) await this.settle(stored);
  }

  /** Counts both people's ties and brings the author's posts to a new follower. */
  settle({ id, version, state }: Stored<Follow>): Promise<void> {
    const { followerId, followeeId, active } = state;
    return this.settled.once(id, version, async () => {
      await Promise.all([
        this.counts.recount(followerId, followeeId),
        active ? this.fanOut.bring(followerId, followeeId) : undefined,
      ]);
    });
  }
}
