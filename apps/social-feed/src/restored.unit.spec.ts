import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  Commented,
  Followed,
  PostDeleted,
  PostPublished,
  ProfileChanged,
  ProfileCreated,
  ReactionRemoved,
  ReactionSet,
  ShareLinkClicked,
  ShareLinkCreated,
  ShareLinkOrdered,
  socialFeedEvents,
  Unfollowed,
  type EventContract,
  type EventEnvelope,
} from '#contracts';
import { restoredFrom, type KnownState } from '#persistence';
import { compacted } from '#testing';
import { toldOfComment } from './comment/restored-comments.projection.js';
import { toldOfTie } from './graph/restored-ties.projection.js';
import { toldOfPost } from './post/restored-posts.projection.js';
import { toldOfProfile } from './profile/restored-profiles.projection.js';
import { toldOfReaction } from './reaction/restored-reactions.projection.js';
import { toldOfLink } from './share-link/restored-links.projection.js';

/** One event after the other, in the order in which an aggregate emits them. */
function history(subject: string, ...told: readonly (readonly [EventContract, object])[]): EventEnvelope[] {
  return told.map(([contract, data], index) => ({
    id: `event_${index + 1}`,
    type: contract.type,
    source: '/social-feed',
    subject,
    version: index + 1,
    key: subject,
    time: new Date(1_790_000_000_000 + index * 1_000).toISOString(),
    data: { ...(contract.example as object), ...data },
  }));
}
const at = (n: number): string => new Date(1_790_000_000_000 + n * 1_000 - 3).toISOString();
const { followerId, followeeId } = Followed.example;

/** Each with its events and, of what they leave, what must be known. */
const LIVES: readonly (readonly [name: string, told: unknown, events: EventEnvelope[], state: object])[] = [
  [
    'a tie that ended and began again',
    toldOfTie,
    history(
      `${followerId}|${followeeId}`,
      [Followed, { since: at(0) }],
      [Unfollowed, {}],
      [Followed, { since: at(2) }],
      [Unfollowed, {}],
      [Followed, { since: at(4) }],
      [Unfollowed, {}],
    ),
    { active: false, seq: `${at(4)}|${followerId}|${followeeId}` },
  ],
  [
    'a post that was taken back',
    toldOfPost,
    history('post_1', [PostPublished, { createdAt: at(0) }], [PostDeleted, {}]),
    { text: PostPublished.example.text, deleted: true, createdAt: new Date(at(0)) },
  ],
  [
    'a reaction that changed and was taken back',
    toldOfReaction,
    history('a|b', [ReactionSet, {}], [ReactionSet, { kind: 'WANT' }], [ReactionRemoved, {}]),
    { kind: null },
  ],
  ['a comment', toldOfComment, history('comment_1', [Commented, {}]), { text: Commented.example.text }],
  [
    'a profile of before its events said when it was created',
    toldOfProfile,
    history('profile_1', [ProfileCreated, {}], [ProfileChanged, { name: 'C' }], [ProfileChanged, { name: 'Cleo B' }]),
    { name: 'Cleo B', createdAt: new Date(1_790_000_000_000) },
  ],
  [
    'a link with clicks and orders',
    toldOfLink,
    history(
      'link_1',
      [ShareLinkCreated, {}],
      [ShareLinkClicked, { clicks: 1 }],
      [ShareLinkOrdered, { orders: 1 }],
      [ShareLinkClicked, { clicks: 2 }],
    ),
    { clicks: 2, orders: 1, createdAt: new Date(1_790_000_000_000) },
  ],
];

describe('what is restored from states', () => {
  test.each(LIVES)(
    'of %s is the same whatever compaction left, in any order and pieces, doubled or not',
    (_, told, events, state) => {
      const known = told as (event: EventEnvelope) => KnownState<object>;
      const whole = restoredFrom({ version: 0, state: undefined }, events.map(known));
      expect(whole).toMatchObject({ version: events.length, state });
      const given = compacted(events, socialFeedEvents).chain((left) =>
        fc.tuple(fc.shuffledSubarray([...left, ...left], { minLength: left.length }), fc.constant(left)),
      );
      fc.assert(
        fc.property(given, fc.nat(3), ([shuffled, left], cut) => {
          // The last of each kind is among them in any case.
          const all = [...shuffled, ...left];
          const first = restoredFrom({ version: 0, state: undefined }, all.slice(0, cut).map(known));
          const second = all.slice(cut).reduce((present, event) => restoredFrom(present, [known(event)]), first);
          expect(second).toEqual(whole);
        }),
      );
    },
  );
});
