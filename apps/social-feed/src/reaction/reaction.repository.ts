import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import type { ReactionKind } from '#contracts';
import { AggregateRepository, DuplicateKeyError, InjectDatabase, type Stored, type WriteOptions } from '#persistence';
import { react, reactionId, unreact, type Reaction } from './reaction.js';

@Injectable()
export class ReactionRepository extends AggregateRepository<Reaction> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'reactions', indexes: [[{ postId: 1, kind: 1 }]] });
  }

  async react(postId: string, profileId: string, kind: ReactionKind, options: WriteOptions): Promise<Stored<Reaction>> {
    const id = reactionId(postId, profileId);
    const changed = await this.mutate(id, (present) => react(present, kind), options);
    if (changed) return changed.stored;
    const none: Reaction = { postId, profileId, kind: null };
    const { state = none, events = [] } = react(none, kind);
    try {
      return (await this.insert(id, state, events, options)).stored;
    } catch (error) {
      // The same person reacted twice at the same moment: the later one replaces.
      if (!(error instanceof DuplicateKeyError)) throw error;
      return this.react(postId, profileId, kind, options);
    }
  }

  /** Null when there never was one. */
  async unreact(postId: string, profileId: string, options: WriteOptions): Promise<Stored<Reaction> | null> {
    const outcome = await this.mutate(reactionId(postId, profileId), unreact, options);
    return outcome?.stored ?? null;
  }

  /** What a person feels about each of these posts, if anything. */
  async kindsOf(profileId: string, postIds: readonly string[]): Promise<Map<string, ReactionKind>> {
    const reactions = await this.findMany(postIds.map((postId) => reactionId(postId, profileId)));
    return new Map(
      reactions.flatMap(({ state }) => (state.kind === null ? [] : [[state.postId, state.kind] as const])),
    );
  }

  /** How many reactions of a kind each of these posts has; without those that have none. */
  async countsOf(postIds: readonly string[], kind: ReactionKind): Promise<Map<string, number>> {
    const counts = await this.model
      .aggregate<{ _id: string; n: number }>([
        { $match: { postId: { $in: [...postIds] }, kind } },
        { $group: { _id: '$postId', n: { $sum: 1 } } },
      ])
      .exec();
    return new Map(counts.map(({ _id, n }) => [_id, n]));
  }
}
