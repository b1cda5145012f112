import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Followed } from '#contracts';
import { beginFollow, follow, unfollow, type Follow } from './graph.js';

const BEN = 'profile_01m84gm0f0f25a4d8x22mf2yaw';
const CLEO = 'profile_01m84gm0f0f25a4d8x22mf2yax';
const at = (ms: number): Date => new Date(1_790_000_000_000 + ms);

describe('a tie between two people', () => {
  test('is active exactly when the last act was to follow, and each event turns it over', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean()), (acts) => {
        let tie: Follow = beginFollow(BEN, CLEO, at(0)).state;
        acts.forEach((follows, index) => {
          const before = tie;
          const { state = tie, events = [] } = follows ? follow(tie, at(index + 1)) : unfollow(tie);
          tie = state;
          expect(events.map(({ contract }) => contract === Followed)).toEqual(
            before.active === follows ? [] : [follows],
          );
        });
        expect(tie.active).toBe(acts.at(-1) ?? true);
      }),
    );
  });

  test('stands newest after it was taken up again', () => {
    const first = beginFollow(BEN, CLEO, at(0)).state;
    const ended = unfollow(first).state ?? first;
    expect(follow(ended, at(1)).state?.seq.localeCompare(first.seq)).toBe(1);
  });

  test('tells it by events keyed by the follower', () => {
    const [told] = beginFollow(BEN, CLEO, at(0)).events;
    expect(told?.key).toBe(BEN);
    expect(told?.contract.schema.safeParse(told.data).success).toBe(true);
  });
});
