import { expect, test } from '@jest/globals';
import { checkLinks } from './links.js';
import type { LinkShown, Opened } from './shown.js';
import { recordingOf, type Told } from './told.js';

const link = (type: string, data: object): Told => [
  'social.engagement.v1',
  `share-link.${type}`,
  'link',
  { code: 'abc', ...data },
];
const confirmed = (orderId: string, shareCode: string | null): Told => [
  'order.order.v1',
  'order.confirmed',
  orderId,
  { orderId, shareCode },
];
const EVENTS: readonly Told[] = [
  link('created', {}),
  link('clicked', { clicks: 1 }),
  link('clicked', { clicks: 2 }),
  confirmed('order-1', 'abc'),
  confirmed('order-2', null),
  confirmed('order-3', 'abc'),
  link('ordered', { orderId: 'order-1', orders: 1 }),
  link('ordered', { orderId: 'order-3', orders: 2 }),
];
const LINK: LinkShown = { code: 'abc', clicks: 2, orders: 2 };
const OPENED: Opened = { code: 'abc', asked: 3, answered: 2 };
const problemsOf = (links: readonly LinkShown[], opened = OPENED, events = EVENTS): string[] =>
  checkLinks({ ...recordingOf(events, { links }), opened: [opened] });

test('nothing is wrong with a link that counts its sales and clicks, also one that nobody saw the answer of', () => {
  expect(problemsOf([LINK])).toEqual([]);
  expect(problemsOf([LINK], { ...OPENED, answered: 1 })).toEqual([]);
});

test.each([
  ['a link is gone', [], 'abc was made, and is not there'],
  ['a sale was counted twice', [{ ...LINK, orders: 3 }], 'abc shows 3 orders, and told of 2; 2 were confirmed'],
  ['a click was lost', [{ ...LINK, clicks: 1 }], 'abc shows 1 clicks, and told of 2'],
])('it is found that %s', (_, links, problem) => {
  expect(problemsOf(links)).toContainEqual(expect.stringContaining(problem));
});

test('it is found that a sale was never counted', () => {
  expect(problemsOf([{ ...LINK, orders: 1 }], OPENED, EVENTS.slice(0, -1))).toContainEqual(
    expect.stringContaining('abc shows 1 orders, and told of 1; 2 were confirmed'),
  );
});

test('it is found that clicks were counted which nobody made, or not which somebody saw counted', () => {
  expect(problemsOf([LINK], { ...OPENED, asked: 1, answered: 1 })).toHaveLength(1);
  expect(problemsOf([LINK], { ...OPENED, asked: 3, answered: 3 })).toHaveLength(1);
});
