import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { stateTopicOf } from '#contracts';
import {
  encodeEvent,
  EventProcessor,
  on,
  rebuild,
  silentLogger,
  stateGroupOf,
  type ConsumerRunner,
  type MessageBus,
  type RebuildOptions,
} from '#messaging';
import { eventually, startTestServers, type TestServers } from '#testing';
import { Counted } from './counter.events.js';
import { GROUP, StateWorld } from './state.fixture.js';

const WAIT = { timeoutMs: 30_000 };
let servers: TestServers;
beforeAll(async () => {
  servers = await startTestServers();
});
afterAll(() => servers.stop());

describe('what a rebuild must not lose', () => {
  let world: StateWorld;
  beforeEach(async () => {
    world = await StateWorld.start(servers);
  });
  afterEach(() => world.stop());

  /** One rebuild, as a member makes it. */
  function rebuiltWith(given: Partial<RebuildOptions>): Promise<unknown> {
    const { bus, copies, metrics, parkingLot } = world;
    const routes = [
      on(Counted, async ({ subject, version, data }) => {
        await copies.applyIfNewer(subject, 'count', version, { $set: { n: data.n } });
      }),
    ];
    const processor = new EventProcessor({ group: GROUP, routes, parkingLot, metrics, logger: silentLogger });
    return rebuild({
      bus,
      projection: { name: GROUP, collections: [copies], contracts: [Counted], processor },
      logger: silentLogger,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      clear: () => copies.clear(),
      ...given,
    });
  }

  /** Commits for a group where the events end, as somebody does who takes them for handled. */
  async function commitAll(group: string): Promise<void> {
    const bus = world.newBus();
    const listener = { onAssigned: () => undefined, onRevoked: () => undefined, onMessages: () => undefined };
    const member = bus.subscribe({ group, topics: [Counted.topic], listener });
    await member.joined;
    const ends = await bus.endPositions([Counted.topic]);
    await eventually(async () => {
      await member.commit(ends);
      const lags = await bus.lag(group, [Counted.topic]);
      expect(lags.every(({ lag }) => lag === 0n)).toBe(true);
    }, WAIT);
    await member.close();
  }

  const untilCopied = () =>
    eventually(async () => {
      const lags = await world.bus.lag(stateGroupOf('catalog'), [Counted.topic]);
      expect(lags.every(({ lag }) => lag === 0n)).toBe(true);
    }, WAIT);

  test('an event that was handled before the clearing, and is committed by whom it was handled after the rebuild', async () => {
    await world.tell('early', { n: 1 });
    const first = world.newCopier();
    first.start();
    await untilCopied();
    await first.stop();
    // The owner comes back only when somebody waits for it: a rebuild that thinks all is copied asks twice.
    let asked = 0;
    let second: ConsumerRunner | undefined;
    const bus = Object.create(world.bus) as MessageBus;
    bus.committed = (group, topics) => {
      if (group === stateGroupOf('catalog') && ++asked === 3) {
        second = world.newCopier();
        second.start();
      }
      return world.bus.committed(group, topics);
    };
    await rebuiltWith({
      bus,
      times: { pollMs: 50, copiesWithinMs: 30_000, overlapMs: 0 },
      clear: async () => {
        await world.tell('late', { n: 7 });
        await world.copies.applyIfNewer('late', 'count', 1, { $set: { n: 7 } });
        await world.copies.clear();
      },
    });
    await commitAll(GROUP);
    expect(await world.copies.all()).toMatchObject(
      new Map([
        ['early', { n: 1 }],
        ['late', { n: 7 }],
      ]),
    );
    expect(second).toBeDefined();
  });

  test('a newer state of the last two minutes that was compacted away because an older one came late', async () => {
    await world.tell('a', { n: 1 });
    await world.tell('a', { n: 2 });
    // All that is left on the state topic is the older one; and the copier has been behind both.
    const [partition] = (await world.bus.endPositions([Counted.topic])).filter(({ offset }) => offset > 0n);
    const event = {
      id: 'event_1',
      type: Counted.type,
      source: '/catalog',
      subject: 'a',
      version: 1,
      key: 'a',
      time: new Date().toISOString(),
      data: { n: 1 },
    };
    const late = { ...encodeEvent(Counted, event), topic: stateTopicOf(Counted.topic), key: `a/${Counted.type}` };
    await world.bus.publish([{ ...late, partition: partition?.partition ?? 0 }]);
    await commitAll(stateGroupOf('catalog'));
    await rebuiltWith({});
    expect((await world.copies.all()).get('a')).toMatchObject({ n: 1 });
    await world.markers.begin(GROUP, 'READY');
    world.newMember().start();
    await eventually(async () => expect((await world.copies.all()).get('a')).toMatchObject({ n: 2 }), WAIT);
  });
});
