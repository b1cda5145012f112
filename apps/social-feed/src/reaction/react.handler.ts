import { Injectable } from '@nestjs/common';
import type { ReactionKind } from '#contracts';
import type { Stored, WriteOptions } from '#persistence';
import { SettledWrites } from '../counts/settled-writes.js';
import { PostCounts } from '../post/post-counts.projection.js';
import type { Reaction } from './reaction.js';
import { ReactionRepository } from './reaction.repository.js';

/** Sets and takes back reactions, and counts them. */
@Injectable()
export class ReactHandler {
  private readonly settled = new SettledWrites();

  constructor(
    private readonly reactions: ReactionRepository,
    private readonly counts: PostCounts,
  ) {}

  async react(postId: string, profileId: string, kind: ReactionKind, options: WriteOptions): Promise<void> {
    await this.settle(await this.reactions.react(postId, profileId, kind, options));
  }

  async unreact(postId: string, profileId: string, options: WriteOptions): Promise<void> {
    const stored = await this.reactions.unreact(postId, profileId, options);
    if (stored) await this.settle(stored);
  }

  settle({ id, version, state }: Stored<Reaction>): Promise<void> {
    return this.settled.once(id, version, () => this.counts.recount(state.postId));
  }
}
