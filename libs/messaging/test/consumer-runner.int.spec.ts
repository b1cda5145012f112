import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '#testing';
import { on, ParkingDesk } from '#messaging';
import { Counted } from './counter.events.js';
import { CounterService, firstDeliveries, upTo, type CountedEvent } from './counter.fixture.js';

const GROUP = 'counter.test';
const ids = Array.from({ length: 24 }, (_, index) => `c${index}`);

describe('consumer runner', () => {
  let service: CounterService;
  let deliveries: CountedEvent[];
  const record = async (event: CountedEvent) => void deliveries.push(event);
  const deliveredOf = (id: string) => firstDeliveries(deliveries).get(id) ?? [];

  beforeEach(async () => {
    service = await CounterService.start();
    deliveries = [];
  });
  afterEach(() => service.stop());

  test('delivers every event of each key in order, and commits', async () => {
    await Promise.all(ids.map((id) => service.publishCounts(id, 1, 20)));
    service.newRunner(GROUP, record).start();
    await eventually(() => expect(deliveries).toHaveLength(ids.length * 20));
    for (const id of ids) expect(deliveredOf(id)).toEqual(upTo(20));
    await eventually(async () => {
      const lags = await service.bus.lag(GROUP, [Counted.topic]);
      expect(lags.map(({ lag }) => lag)).toEqual(lags.map(() => 0n));
    });
  });

  test('members that join, leave, and vanish without a commit lose nothing and keep the order of keys', async () => {
    const slowly = async (event: CountedEvent) => {
      await sleep(2);
      deliveries.push(event);
    };
    const [first, second, third] = [1, 2, 3].map(() => service.newMember(GROUP, slowly));
    if (!first || !second || !third) throw new TypeError('three members');
    first.runner.start();
    for (let round = 0; round < 12; round++) {
      await Promise.all(ids.map((id) => service.publishCounts(id, round * 10 + 1, round * 10 + 10)));
      if (round === 2) second.runner.start();
      if (round === 5) third.runner.start();
      if (round === 6) await second.runner.joined();
      if (round === 8) await first.runner.stop();
      // Connections end in the middle of its work; nothing is committed any more.
      if (round === 10) await third.bus.close();
      await eventually(() => expect(deliveries.length).toBeGreaterThan(round * ids.length * 5));
    }
    await eventually(
      () => {
        for (const id of ids) expect(deliveredOf(id)).toEqual(upTo(120));
      },
      { timeoutMs: 30_000 },
    );
  });

  test('a handler that takes longer than the session keeps its place in the group and is called once', async () => {
    await service.publishCounts('slow', 1, 2);
    await service.publishCounts('quick', 1, 1);
    const route = on(Counted, async (event) => {
      deliveries.push(event);
      if (event.subject === 'slow' && event.version === 1) await sleep(7_500);
    });
    // Others wait for it, or it would be set aside.
    service.newRunnerOf(service.newProcessor(GROUP, [route], { patienceMs: 60_000 })).start();
    await eventually(() => expect(deliveredOf('slow')).toEqual([1, 2]), { timeoutMs: 15_000 });
    expect(deliveries).toHaveLength(3);
  });

  test('what a handler ends after its partition went to another member is not committed over what that one did', async () => {
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    let held = 0;
    const { runner: losing } = service.newMember(GROUP, async () => {
      held++;
      await opened;
      held--;
    });
    losing.start();
    await Promise.all(ids.map((id) => service.publishCounts(id, 1, 5)));
    await eventually(() => expect(held).toBe(6), { timeoutMs: 30_000 });
    const { runner: gaining } = service.newMember(GROUP, record);
    gaining.start();
    await eventually(() => expect(gaining.assigned).toHaveLength(3), { timeoutMs: 30_000 });
    const gained = new Set(gaining.assigned?.map(({ partition }) => partition));
    const lagOfGained = async (): Promise<bigint[]> =>
      (await service.bus.lag(GROUP, [Counted.topic]))
        .filter(({ partition }) => gained.has(partition))
        .map(({ lag }) => lag);
    await eventually(async () => expect(await lagOfGained()).toEqual([0n, 0n, 0n]), { timeoutMs: 30_000 });
    expect(losing.assigned).toHaveLength(3);
    open();
    await eventually(() => expect(held).toBe(0), { timeoutMs: 30_000 });
    await losing.stop();
    expect(await lagOfGained()).toEqual([0n, 0n, 0n]);
  });

  test('a handler that throws a TypeError costs one event, and the group goes on', async () => {
    const runner = service.newRunner(GROUP, async (event) => {
      if (event.subject === 'poison') throw new TypeError('x is not a function');
      deliveries.push(event);
    });
    runner.start();
    await service.publishCounts('poison', 1, 1);
    await eventually(async () => expect(await service.parkingLot.list()).toHaveLength(1));
    await Promise.all(ids.map((id) => service.publishCounts(id, 1, 1)));
    await eventually(() => expect(deliveries).toHaveLength(ids.length));
    const [parked] = await service.parkingLot.list();
    expect(parked).toMatchObject({ group: GROUP, key: 'poison', attempts: 0, error: { name: 'TypeError' } });
  });

  test('a member that is closed while it joins leaves the group, and holds no partitions in secret', async () => {
    const group = { group: GROUP, topics: [Counted.topic] };
    const ignore = (): void => undefined;
    const partitions: number[] = [];
    let rebalancing: () => void = ignore;
    const staying = service.newBus().subscribe({
      ...group,
      listener: {
        onAssigned: (assignment) => void partitions.push(assignment.length),
        onRevoked: () => rebalancing(),
        onMessages: ignore,
      },
    });
    await staying.joined;
    const joining = new Promise<void>((resolve) => (rebalancing = resolve));
    const leaving = service
      .newBus()
      .subscribe({ ...group, listener: { onAssigned: ignore, onRevoked: ignore, onMessages: ignore } });
    await joining;
    await leaving.close();
    await eventually(() => expect(partitions.at(-1)).toBe(6), { timeoutMs: 20_000 });
    // A member in secret would have its share. Kafka may have the other one join twice.
    const { length } = partitions;
    await service.publishCounts('a', 1, 1);
    await eventually(async () => expect(await service.bus.lag(GROUP, [Counted.topic])).toHaveLength(6));
    expect(new Set(partitions.slice(length - 1))).toEqual(new Set([6]));
  });

  test('a topic that is made anew while it is followed has none of its events taken for one of before', async () => {
    service.newRunner(GROUP, record).start();
    await service.publishCounts('a', 1, 20);
    await eventually(() => expect(deliveredOf('a')).toEqual(upTo(20)));
    await service.makeTopicAnew();
    // A client may still know the old one.
    await eventually(() => service.publishCounts('a', 21, 25), { timeoutMs: 20_000 });
    await eventually(() => expect(deliveredOf('a')).toEqual(upTo(25)), { timeoutMs: 30_000 });
  });

  test('malformed messages and unknown types stop nobody', async () => {
    service.newRunner(GROUP, record).start();
    const headers = { ce_type: Counted.type, ce_specversion: '1.0', ce_id: 'event_1' };
    await service.bus.publish([
      { topic: Counted.topic, key: 'a', value: '{"n":', headers },
      { topic: Counted.topic, key: 'b', value: 'no event', headers: {} },
      { topic: Counted.topic, key: 'b', value: '{}', headers: { ...headers, ce_type: 'counter.unheard' } },
    ]);
    await service.publishCounts('b', 1, 1);
    await eventually(() => expect(deliveredOf('b')).toEqual([1]));
    // A publication that is retried doubles them.
    await eventually(async () => expect((await service.parkingLot.list())[0]).toMatchObject({ key: 'a' }));
    const skipped = (await service.metrics.consumed.get()).values.find(({ labels }) => labels.outcome === 'skipped');
    expect(skipped?.value).toBeGreaterThanOrEqual(2);
  });

  test('events behind a parked one wait for it, also in another member, and follow it in order', async () => {
    let mended = false;
    const handler = async (event: CountedEvent) => {
      if (event.subject === 'a' && event.version === 2 && !mended) throw new Error('not yet');
      deliveries.push(event);
    };
    const processor = service.newProcessor(GROUP, [on(Counted, handler)]);
    const member = service.newRunner(GROUP, handler, processor);
    member.start();
    await service.publishCounts('a', 1, 3);
    await service.publishCounts('b', 1, 1);
    await eventually(async () => expect(await service.parkingLot.list()).toHaveLength(2));
    await member.stop();
    service.newRunner(GROUP, handler).start();
    await service.publishCounts('a', 4, 5);
    await eventually(async () => expect(await service.parkingLot.list()).toHaveLength(4));
    expect(deliveredOf('b')).toEqual([1]);
    expect(deliveredOf('a')).toEqual([1]);

    mended = true;
    const { parkingLot } = service;
    await new ParkingDesk(parkingLot).replay({ group: GROUP, key: 'a' }, { perSecond: 10, dryRun: false });
    await service.newRetrier(processor).retryDue();
    expect(deliveredOf('a')).toEqual([1, 2, 3, 4, 5]);
    await service.publishCounts('a', 6, 6);
    await eventually(() => expect(deliveredOf('a')).toEqual(upTo(6)));
    expect(await parkingLot.list()).toEqual([]);
  });
});
