import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { stateTopicOf } from '#contracts';
import { stateGroupOf, type MessageBus, type ProjectionMemberOptions } from '#messaging';
import { eventually, startTestServers, type TestServers } from '#testing';
import { Counted } from './counter.events.js';
import { GROUP, StateWorld } from './state.fixture.js';

const WAIT = { timeoutMs: 30_000 };
const ids = Array.from({ length: 20 }, (_, index) => `c${String(index).padStart(2, '0')}`);

let servers: TestServers;
beforeAll(async () => {
  // Real brokers look every 15 s for what is to be compacted.
  servers = await startTestServers({ cleanIntervalMs: 500 });
});
afterAll(() => servers.stop());

describe('a projection', () => {
  let world: StateWorld;
  beforeEach(async () => {
    world = await StateWorld.start(servers);
  });
  afterEach(() => world.stop());

  const tellAll = (n: number) => Promise.all(ids.map((id) => world.tell(id, { n })));
  const untilAllHave = (n: number) =>
    eventually(async () => {
      const copies = await world.copies.all();
      expect(ids.map((id) => copies.get(id)?.n)).toEqual(ids.map(() => n));
    }, WAIT);
  const untilCopied = () => allCopied(world);
  const untilReady = (generation: number) =>
    eventually(async () => expect(await world.markers.find(GROUP)).toMatchObject({ state: 'READY', generation }), WAIT);

  test('is ready at once where nothing has happened yet, and follows its events', async () => {
    const member = world.newMember();
    member.start();
    await member.joined();
    expect(await world.markers.find(GROUP)).toMatchObject({ state: 'READY', generation: 1, total: 0 });
    await tellAll(1);
    await untilAllHave(1);
  });

  test('that is new makes itself from the states, without the events that they supersede', async () => {
    world.newCopier().start();
    for (let n = 1; n <= 5; n++) await tellAll(n);
    await world.tell('c00', { name: 'Ana' });
    await untilCopied();
    // The events are gone, as after the retention of their topic.
    await world.deleteEvents();
    const member = world.newMember();
    member.start();
    await untilReady(1);
    await untilAllHave(5);
    expect((await world.copies.all()).get('c00')).toMatchObject({ name: 'Ana' });
    await tellAll(6);
    await untilAllHave(6);
  });

  test('goes on where the states end: no event is read that they have', async () => {
    world.newCopier().start();
    for (let n = 1; n <= 5; n++) await tellAll(n);
    await untilCopied();
    const states = await world.states();
    const member = world.newMember();
    member.start();
    await member.joined();
    await untilAllHave(5);
    await tellAll(6);
    await untilAllHave(6);
    expect(world.handled).toBe(states.length + ids.length);
  });

  test('whose database was deleted makes itself again, equal to what it was', async () => {
    world.newCopier().start();
    const member = world.newMember();
    member.start();
    for (let n = 1; n <= 5; n++) await tellAll(n);
    await untilAllHave(5);
    const before = await world.copies.all();
    await untilCopied();
    await member.stop();
    await world.connection.dropDatabase();
    await world.deleteEvents();
    world.newMember().start();
    await untilReady(1);
    await eventually(async () => expect(await world.copies.all()).toEqual(before), WAIT);
  });

  test('with documents and without a marker, as before there were any, goes on as it is', async () => {
    const first = world.newMember();
    first.start();
    await tellAll(1);
    await untilAllHave(1);
    await first.stop();
    await world.markers.clear();
    await world.copies.applyIfNewer('only-here', 'count', 1, { $set: { n: 7 } });
    const second = world.newMember();
    second.start();
    await second.joined();
    expect(await world.markers.find(GROUP)).toMatchObject({ state: 'READY', generation: 1, total: 0 });
    expect((await world.copies.all()).get('only-here')).toMatchObject({ n: 7 });
  });

  test('is rebuilt on request while its events go on, by one of two instances: what was wrong in it is gone', async () => {
    world.newCopier().start();
    const [first, second] = [world.newMember(), world.newMember()];
    first.start();
    second.start();
    for (let n = 1; n <= 3; n++) await tellAll(n);
    await untilAllHave(3);
    await world.copies.applyIfNewer('c00', 'count', 1_000, { $set: { n: -1 } });
    await world.copies.applyIfNewer('never-was', 'count', 1, { $set: { n: 1 } });
    let n = 3;
    const enough = new AbortController();
    const writing = (async () => {
      while (!enough.signal.aborted) await tellAll(++n);
    })();
    const marker = await world.markers.request(GROUP);
    expect(marker).toMatchObject({ state: 'REBUILDING', generation: 2 });
    await untilReady(2);
    enough.abort();
    await writing;
    await tellAll(++n);
    await untilAllHave(n);
    expect((await world.copies.all()).has('never-was')).toBe(false);
    expect(world.copies.clears).toBe(1);
    const rebuilt = await world.markers.find(GROUP);
    expect(rebuilt?.total).toBeGreaterThan(0);
    expect(rebuilt?.done).toBe(rebuilt?.total);
  });

  test('that another instance has made since this one looked is not made once more', async () => {
    world.newCopier().start();
    const { leases } = world;
    let released: () => void = () => undefined;
    const looked = new Promise<void>((resolve) => (released = resolve));
    const late: ProjectionMemberOptions['leases'] = {
      acquire: async (...given) => {
        await untilReady(2);
        return leases.acquire(...given);
      },
      holds: (...given) => leases.holds(...given),
      release: async (...given) => {
        await leases.release(...given);
        released();
      },
    };
    world.newMember().start();
    world.newMember({ leases: late }).start();
    for (let n = 1; n <= 3; n++) await tellAll(n);
    await untilAllHave(3);
    await world.markers.request(GROUP);
    await looked;
    await tellAll(4);
    await untilAllHave(4);
    expect(world.copies.clears).toBe(1);
    expect(await world.markers.find(GROUP)).toMatchObject({ state: 'READY', generation: 2 });
  });

  test('of events whose owner does not copy them is made anew from the events that are still there', async () => {
    world.newMember({ times: { watchMs: 50, pollMs: 50, copiesWithinMs: 300, overlapMs: 0 } }).start();
    for (let n = 1; n <= 3; n++) await tellAll(n);
    await untilAllHave(3);
    const before = await world.copies.all();
    await world.markers.request(GROUP);
    await untilReady(2);
    await eventually(async () => expect(await world.copies.all()).toEqual(before), WAIT);
  });

  test('that an instance cleared after it had lost its lease is made once more', async () => {
    world.newCopier().start();
    const answers = [true, false];
    const { leases } = world;
    const lost: ProjectionMemberOptions['leases'] = {
      acquire: (...given) => leases.acquire(...given),
      holds: async (...given) => answers.shift() ?? leases.holds(...given),
      release: (...given) => leases.release(...given),
    };
    world.newMember({ leases: lost }).start();
    for (let n = 1; n <= 3; n++) await tellAll(n);
    await untilAllHave(3);
    await world.markers.request(GROUP);
    await untilReady(3);
    await untilAllHave(3);
    expect(world.copies.clears).toBe(2);
  });

  test.each(['clear', 'read', 'commit'] as const)('that is cut off at its %s begins again', async (step) => {
    world.newCopier().start();
    const first = world.newMember();
    first.start();
    for (let n = 1; n <= 3; n++) await tellAll(n);
    await untilAllHave(3);
    const before = await world.copies.all();
    await untilCopied();
    await first.stop();

    const broken = world.newBus();
    const cutOff = brokenAt(step, broken);
    const leases = leasesOnce(world);
    const dying = world.newMember({ bus: cutOff.bus, leases, times: { watchMs: 50, pollMs: 50, leaseMs: 2_000 } });
    await world.markers.request(GROUP);
    dying.start();
    await cutOff.reached;
    // As when it is killed: nothing of it is heard any more, and its lease runs out by itself.
    await broken.close();
    expect(await world.markers.find(GROUP)).toMatchObject({ state: 'REBUILDING' });
    world.newMember().start();
    await untilReady(2);
    await eventually(async () => expect(await world.copies.all()).toEqual(before), WAIT);
    await tellAll(4);
    await untilAllHave(4);
    cutOff.end();
  });
});

test('a projection made from states that were compacted is the one made from all events', async () => {
  // What is in the segment that is written to is not compacted.
  const stateConfig = { 'segment.ms': '200', 'min.cleanable.dirty.ratio': '0.01', 'max.compaction.lag.ms': '1000' };
  const world = await StateWorld.start(servers, stateConfig);
  try {
    world.newCopier().start();
    let told = 0;
    const untilCompacted = async () => {
      told += 1;
      await Promise.all(ids.map((id) => world.tell(id, { n: told })));
      const states = await world.states();
      const ends = await world.bus.endPositions([stateTopicOf(Counted.topic)]);
      const copied = ends.reduce((sum, { offset }) => sum + Number(offset), 0);
      expect(copied).toBeGreaterThan(ids.length);
      expect(states.length).toBeLessThan(copied);
    };
    await eventually(untilCompacted, { timeoutMs: 90_000, intervalMs: 500 });
    await allCopied(world);
    await world.deleteEvents();
    world.newMember().start();
    await eventually(async () => {
      const copies = await world.copies.all();
      expect(ids.map((id) => copies.get(id)?.n)).toEqual(ids.map(() => told));
    }, WAIT);
  } finally {
    await world.stop();
  }
}, 150_000);

/** Resolves when the copier has committed all that was published. */
const allCopied = (world: StateWorld): Promise<void> =>
  eventually(async () => {
    const lags = await world.bus.lag(stateGroupOf('catalog'), [Counted.topic]);
    expect(lags.every(({ lag }) => lag === 0n)).toBe(true);
  }, WAIT);

/** Leases that are taken and never renewed or released, as by a process that is gone. */
function leasesOnce({ leases }: StateWorld): ProjectionMemberOptions['leases'] {
  let isTaken = false;
  return {
    acquire: async (...given) => {
      if (isTaken) throw new Error('the process is gone');
      const lease = await leases.acquire(...given);
      isTaken = lease !== null;
      return lease;
    },
    holds: (...given) => leases.holds(...given),
    release: () => Promise.reject(new Error('the process is gone')),
  };
}

/** A bus that hangs at one step of a rebuild, until the test ends it. */
function brokenAt(step: 'clear' | 'read' | 'commit', bus: MessageBus) {
  let reach: () => void = () => undefined;
  let end: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const ended = new Promise<never>((_, reject) => (end = () => reject(new Error('the process is gone'))));
  ended.catch(() => undefined);
  const hang = (): Promise<never> => {
    reach();
    return ended;
  };
  const broken = Object.create(bus) as MessageBus;
  if (step === 'clear') broken.endPositions = hang;
  if (step === 'read') broken.positionsAt = hang;
  broken.subscribe = (options) => {
    const subscription = bus.subscribe(options);
    const isLast = step === 'commit' && options.group === GROUP;
    return isLast ? Object.assign(Object.create(subscription) as typeof subscription, { commit: hang }) : subscription;
  };
  return { bus: broken, reached, end };
}
