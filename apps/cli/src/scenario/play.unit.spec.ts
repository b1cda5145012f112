import { describe, expect, test } from '@jest/globals';
import { OrderConfirmed, OrderPlaced, StockSet, type EventContract } from '#contracts';
import { countExpected, countTypes, gapsIn, isOf, type LoggedEvent } from './event-log.js';
import { Play, PlayStoppedError } from './play.js';

const anEvent = (contract: EventContract, subject: string, version = 1, data: object = {}): LoggedEvent => ({
  id: `${contract.type} ${subject} ${version}`,
  type: contract.type,
  topic: contract.topic,
  source: `/${contract.owner}`,
  subject,
  version,
  key: subject,
  time: '2026-11-23T12:00:00.000Z',
  data,
});

/** A play over events that the test writes, and what it prints. */
function aPlay() {
  const events: LoggedEvent[] = [];
  const lines: string[] = [];
  const log = {
    get length() {
      return events.length;
    },
    since: (mark: number) => events.slice(mark),
    has: async (wanted: ReadonlyMap<string, number>, mark: number, known: ReadonlySet<string>) => {
      const counts = countTypes(events.slice(mark).filter((event) => isOf(known, event)));
      return [...wanted].every(([type, count]) => (counts.get(type) ?? 0) >= count);
    },
  };
  return { events, lines, play: new Play({ log, print: (line) => void lines.push(line), patienceMs: 20 }) };
}

describe('a play', () => {
  test('tells what happened, which events it caused, and that all was as expected', async () => {
    const { play, events, lines } = aPlay();
    play.know('merchant_1');
    await play.step('Ben buys', async (step) => {
      events.push(anEvent(OrderPlaced, 'order_1', 1, { merchantId: 'merchant_1' }));
      events.push(anEvent(OrderPlaced, 'order_2', 1, { merchantId: 'somebody else' }));
      step.say('for EUR 49');
      step.check('the state', { state: 'PENDING' }, { state: 'PENDING' });
      step.causes(OrderPlaced);
    });
    await play.checkVersions();
    expect(play.conclude()).toBe(true);
    expect(lines).toEqual([
      '  1. Ben buys',
      '     for EUR 49',
      '       → order.placed  order_1  v1',
      '  2. Every event came once and in its order',
      '     1 aggregates, each with versions 1, 2, 3 …',
      '2 steps, 1 events, all as expected',
    ]);
  });

  test('goes on after something that was not as expected, and says so at the end', async () => {
    const { play, lines } = aPlay();
    await play.step('Ben buys', async (step) => {
      step.check('available', 3, 2);
      step.causes(OrderPlaced);
    });
    await play.step('Ana ships', async (step) => step.eventually('the state', () => 'PAID', 'SHIPPED'));
    expect(play.conclude()).toBe(false);
    expect(lines.at(-1)).toBe(
      [
        '2 steps, 0 events, not as expected:',
        '  step 1, Ben buys: available: 3 instead of 2',
        '  step 1, Ben buys: events order.placed: 0 instead of 1',
        '  step 2, Ana ships: the state: "PAID" instead of "SHIPPED"',
      ].join('\n'),
    );
  });

  test('finds more events than a step may cause', async () => {
    const { play, events } = aPlay();
    play.know('order_1', 'order_2');
    await play.step('Ben buys once', async (step) => {
      events.push(anEvent(OrderPlaced, 'order_1'), anEvent(OrderPlaced, 'order_2'));
      step.causes(OrderPlaced);
    });
    expect(play.conclude()).toBe(false);
  });

  test('ends with a step that breaks off', async () => {
    const { play, lines } = aPlay();
    const broken = play.step('Ben buys', () => Promise.reject(new Error('the shop is closed')));
    await expect(broken).rejects.toThrow(PlayStoppedError);
    expect(play.conclude()).toBe(false);
    expect(lines.at(-1)).toContain('step 1, Ben buys: the shop is closed');
  });

  test('sees an event that is missing, doubled or out of order', async () => {
    const { play, events } = aPlay();
    play.know('order_1');
    await play.step('Ben buys', async () => {
      events.push(anEvent(OrderPlaced, 'order_1', 1), anEvent(OrderConfirmed, 'order_1', 3));
    });
    await play.checkVersions();
    expect(play.conclude()).toBe(false);
  });

  test('knows the orders of others', async () => {
    const { play, events } = aPlay();
    events.push(anEvent(OrderPlaced, 'order_1', 1, { buyerId: 'fay' }));
    events.push(anEvent(OrderPlaced, 'order_2', 1, { buyerId: 'gus' }));
    expect([...play.ordersOfOthers('fay')]).toEqual(['order_2']);
  });
});

describe('events', () => {
  test('are counted by type, once or as often as is said', () => {
    expect(countExpected([OrderPlaced, [OrderPlaced, 2], [StockSet, 0]])).toEqual(new Map([['order.placed', 3]]));
  });

  test('of one aggregate have versions without gaps, whatever came between', () => {
    const events = [
      anEvent(OrderPlaced, 'a', 1),
      anEvent(OrderPlaced, 'b', 1),
      anEvent(OrderConfirmed, 'a', 2),
      anEvent(StockSet, 'a', 1),
      anEvent(OrderConfirmed, 'b', 2),
    ];
    expect(gapsIn(events)).toEqual([]);
    expect(gapsIn(events.slice(1))).toEqual(['order.confirmed of a is version 2, not 1']);
    expect(gapsIn([...events, ...events.slice(0, 1)])).toHaveLength(1);
  });
});
