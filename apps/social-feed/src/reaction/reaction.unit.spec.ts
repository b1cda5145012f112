import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ReactionKind, ReactionSet, ReactionRemoved } from '#contracts';
import { react, unreact, type Reaction } from './reaction.js';

const POST = 'post_01m84gm0f0f25a4d8x22mf2yaw';
const BEN = 'profile_01m84gm0f0f25a4d8x22mf2yaw';
const act = fc.option(fc.constantFrom(...ReactionKind.options));

describe('a reaction', () => {
  test('is what was last chosen, and its events alone lead to the same', () => {
    fc.assert(
      fc.property(fc.array(act), (acts) => {
        let reaction: Reaction = { postId: POST, profileId: BEN, kind: null };
        let replayed: ReactionKind | null = null;
        for (const kind of acts) {
          const { state = reaction, events = [] } = kind === null ? unreact(reaction) : react(reaction, kind);
          reaction = state;
          for (const { contract, data, key } of events) {
            expect(key).toBe(POST);
            if (contract === ReactionSet) {
              const set = ReactionSet.schema.parse(data);
              expect(set.previous).toBe(replayed);
              replayed = set.kind;
            } else {
              expect(ReactionRemoved.schema.parse(data).kind).toBe(replayed);
              replayed = null;
            }
          }
        }
        expect(reaction.kind).toBe(acts.at(-1) ?? null);
        expect(replayed).toBe(reaction.kind);
      }),
    );
  });
});
