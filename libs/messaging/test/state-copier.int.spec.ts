import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { stateTopicOf } from '#contracts';
import { stateGroupOf, type MessageBus } from '#messaging';
import { eventually, startTestServers, type TestServers } from '#testing';
import { Counted } from './counter.events.js';
import { StateWorld } from './state.fixture.js';

const WAIT = { timeoutMs: 30_000 };

describe('the copier of states', () => {
  let servers: TestServers;
  let world: StateWorld;
  beforeAll(async () => {
    servers = await startTestServers();
  });
  afterAll(() => servers.stop());
  beforeEach(async () => {
    world = await StateWorld.start(servers);
  });
  afterEach(() => world.stop());

  const told = async (): Promise<Record<string, string | undefined>> => {
    const states = await world.states();
    return Object.fromEntries(states.map(({ key, value }) => [key ?? '', value?.toString()]));
  };
  const untilCopied = () =>
    eventually(async () => {
      const lags = await world.bus.lag(stateGroupOf('catalog'), [Counted.topic]);
      expect(lags.every(({ lag }) => lag === 0n)).toBe(true);
    }, WAIT);

  test('leaves the last event of each type of each aggregate as the last one under its key', async () => {
    for (let n = 1; n <= 5; n++) for (const id of ['a', 'b', 'c']) await world.tell(id, { n });
    await world.tell('a', { name: 'Ana' });
    world.newCopier().start();
    await untilCopied();
    expect(await told()).toEqual({
      'a/counter.counted': '{"n":5}',
      'a/counter.renamed': '{"name":"Ana"}',
      'b/counter.counted': '{"n":5}',
      'c/counter.counted': '{"n":5}',
    });
  });

  test('keeps headers and partitions, on a compacted topic of as many partitions', async () => {
    await world.tell('a', { n: 1 });
    world.newCopier().start();
    await untilCopied();
    const [state] = await world.states();
    const ends = await world.bus.endPositions([Counted.topic]);
    const used = ends.find(({ offset }) => offset > 0n);
    expect(state?.partition).toBe(used?.partition);
    expect(Object.fromEntries(state?.headers ?? [])).toMatchObject({
      ce_type: 'counter.counted',
      ce_subject: 'a',
      ce_partitionkey: 'a',
      ce_aggregateversion: '1',
    });
    expect(await world.bus.endPositions([stateTopicOf(Counted.topic)])).toHaveLength(ends.length);
  });

  test('commits what the broker has acknowledged only: what was cut off is copied by the next one', async () => {
    await world.tell('a', { n: 1 });
    const bus = world.newBus();
    const deaf: MessageBus = Object.assign(Object.create(bus) as MessageBus, {
      publish: () => Promise.reject(new Error('no acknowledgement')),
    });
    const first = world.newCopier(deaf);
    first.start();
    await eventually(() => expect(first.oldestAgeMs).toBeGreaterThan(0), WAIT);
    await first.stop();
    expect(await world.states()).toEqual([]);
    expect(await world.bus.committed(stateGroupOf('catalog'), [Counted.topic])).toEqual([]);
    world.newCopier().start();
    await untilCopied();
    expect(await told()).toEqual({ 'a/counter.counted': '{"n":1}' });
  });

  describe('a stale event that a relay publishes once more does not take the place of the newer one', () => {
    /** An event, and the one that supersedes it. */
    const tellTwice = async () => {
      const stale = await world.tell('a', { n: 1 });
      await world.tell('a', { n: 2 });
      return stale;
    };

    test('where the copier knows the newer one', async () => {
      world.newCopier().start();
      const stale = await tellTwice();
      await untilCopied();
      await world.tellAgain(stale);
      await untilCopied();
      expect(await told()).toEqual({ 'a/counter.counted': '{"n":2}' });
    });

    test('where another copier copied the newer one', async () => {
      const first = world.newCopier();
      first.start();
      const stale = await tellTwice();
      await untilCopied();
      await first.stop();
      await world.tellAgain(stale);
      world.newCopier().start();
      await untilCopied();
      expect(await told()).toEqual({ 'a/counter.counted': '{"n":2}' });
    });

    test('where more keys were copied since than are known', async () => {
      world.newCopier(world.newBus(), 2).start();
      const stale = await tellTwice();
      await untilCopied();
      for (const name of ['b', 'c', 'd']) {
        await Promise.all(Array.from({ length: 40 }, (_, n) => world.tell(`${name}${n}`, { n })));
        await untilCopied();
      }
      await world.tellAgain(stale);
      await untilCopied();
      expect(await told()).toMatchObject({ 'a/counter.counted': '{"n":2}', 'd9/counter.counted': '{"n":9}' });
    });

    test('while the broker does not say what was before, nothing is copied and nothing committed', async () => {
      const first = world.newCopier();
      first.start();
      const stale = await tellTwice();
      await untilCopied();
      await first.stop();
      await world.tellAgain(stale);
      await world.tell('a', { name: 'Ana' });
      const before = await world.bus.committed(stateGroupOf('catalog'), [Counted.topic]);
      let asked = 0;
      const bus = world.newBus();
      const mute: MessageBus = Object.assign(Object.create(bus) as MessageBus, {
        positionsAt: () => Promise.reject(new Error(`no answer ${++asked}`)),
      });
      const second = world.newCopier(mute);
      second.start();
      await eventually(() => expect(asked).toBeGreaterThan(1), WAIT);
      await second.stop();
      expect(await world.bus.committed(stateGroupOf('catalog'), [Counted.topic])).toEqual(before);
      world.newCopier().start();
      await untilCopied();
      expect(await told()).toEqual({ 'a/counter.counted': '{"n":2}', 'a/counter.renamed': '{"name":"Ana"}' });
    });
  });

  test('copiers that come and go lose nothing, and the last word is the newest', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `c${index}`);
    const tellAll = (n: number) => Promise.all(ids.map((id) => world.tell(id, { n })));
    const first = world.newCopier();
    first.start();
    for (let n = 1; n <= 10; n++) await tellAll(n);
    world.newCopier().start();
    for (let n = 11; n <= 20; n++) await tellAll(n);
    await first.stop();
    for (let n = 21; n <= 30; n++) await tellAll(n);
    await untilCopied();
    expect(await told()).toEqual(Object.fromEntries(ids.map((id) => [`${id}/counter.counted`, '{"n":30}'])));
  });
});
