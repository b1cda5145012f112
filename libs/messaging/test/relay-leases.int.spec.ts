import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { captureEvents, eventually, fixedClock, type CapturedEvents, type FixedClock } from '#testing';
import { silentLogger, type Leases } from '#messaging';
import { LeaseStore } from '#persistence';
import { LEASE_MS, RelayLeases } from '../src/outbox/relay-leases.js';
import { Counted } from './counter.events.js';
import { CounterRepository, CounterService, firstDeliveries, upTo } from './counter.fixture.js';

const SHARDS = 4;

describe('leases of relay shards', () => {
  let service: CounterService;
  let clock: FixedClock;

  beforeEach(async () => {
    service = await CounterService.start();
    clock = fixedClock();
  });
  afterEach(() => service.stop());

  const instance = (owner: string) => {
    const leases = new LeaseStore(service.newConnectionOfSameDatabase(), clock.now);
    return new RelayLeases(leases, owner, SHARDS, silentLogger, () => clock.now().getTime());
  };
  const renewAll = async (...instances: RelayLeases[]): Promise<void> => {
    for (const one of instances) await one.renew();
  };
  const shardsOf = (...instances: RelayLeases[]): number[] =>
    instances.flatMap(({ shardsHeld }) => shardsHeld).toSorted((a, b) => a - b);

  test('one instance has all shards, two share them, none is held twice', async () => {
    const [a, b] = [instance('a'), instance('b')];
    await renewAll(a);
    expect(a.shardsHeld).toEqual([0, 1, 2, 3]);
    for (let round = 0; round < 2; round++) await renewAll(b, a, b);
    expect([a.shardsHeld.length, b.shardsHeld.length]).toEqual([2, 2]);
    expect(shardsOf(a, b)).toEqual([0, 1, 2, 3]);
  });

  test('the shards of an instance that vanished are others within 10 s, with a higher fence', async () => {
    const [a, b, c] = [instance('a'), instance('b'), instance('c')];
    for (let round = 0; round < 3; round++) await renewAll(a, b, c);
    const lost = a.shardsHeld.map((shard) => ({ shard, lease: a.of(shard) }));
    expect(lost.length).toBeGreaterThan(0);

    let waitedMs = 0;
    while (shardsOf(b, c).length < SHARDS) {
      clock.advance(LEASE_MS.renew);
      waitedMs += LEASE_MS.renew;
      await renewAll(b, c);
    }
    expect(waitedMs).toBeLessThan(10_000);
    expect(shardsOf(a)).toEqual([]);
    for (const { shard, lease } of lost) {
      expect((b.of(shard) ?? c.of(shard))?.fence).toBeGreaterThan(lease?.fence ?? Infinity);
      expect(lease && (await a.holds(lease))).toBe(false);
    }
  });

  test('an instance that ends gives its shards away at once', async () => {
    const [a, b] = [instance('a'), instance('b')];
    await renewAll(a, b);
    await a.stop();
    await renewAll(b);
    expect(b.shardsHeld).toEqual([0, 1, 2, 3]);
  });
});

describe('a relay that is killed', () => {
  let service: CounterService;
  let captured: CapturedEvents;

  beforeEach(async () => {
    service = await CounterService.start();
    captured = await captureEvents(service.servers, [Counted]);
  });
  afterEach(async () => {
    await captured.close();
    await service.stop();
  });

  test('leaves nothing behind: what it wrote and did not send, another sends, in order', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const written = new CounterRepository(service.newConnectionOfSameDatabase());
    let killed = false;
    const { leases } = service;
    const mortal: Leases = {
      acquire: (...given) => (killed ? Promise.reject(new Error('killed')) : leases.acquire(...given)),
      holds: (...given) => leases.holds(...given),
      release: () => Promise.reject(new Error('killed')),
      countHeld: (...given) => leases.countHeld(...given),
    };
    const bus = service.newBus();
    service.newRelay({ instance: 'a', counters: written, bus, leases: mortal }).start();
    await Promise.all(ids.map((id) => written.count(id, 5)));
    await eventually(() => expect(captured.of(Counted).length).toBeGreaterThanOrEqual(30), { timeoutMs: 30_000 });

    // Its leases stay as they are: nobody gives them back.
    killed = true;
    await bus.close();
    await Promise.all(ids.map((id) => written.count(id, 5)));
    service.newRelay({ instance: 'b' }).start();
    await eventually(
      () => {
        for (const id of ids) expect(firstDeliveries(captured.of(Counted)).get(id)).toEqual(upTo(10));
      },
      { timeoutMs: 30_000 },
    );
  });
});
