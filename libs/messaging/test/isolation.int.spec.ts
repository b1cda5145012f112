import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '#testing';
import { on, onBatch, type MessageBus } from '#messaging';
import { Counted } from './counter.events.js';
import { CounterService, firstDeliveries, upTo, type CountedEvent } from './counter.fixture.js';

const GROUP = 'counter.test';
const ids = Array.from({ length: 24 }, (_, index) => `c${index}`);
const patiently = { timeoutMs: 30_000 };

/** A handler that waits until it is let go. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

describe('what one handler does to others', () => {
  let service: CounterService;
  let deliveries: CountedEvent[];

  beforeEach(async () => {
    service = await CounterService.start();
    deliveries = [];
  });
  afterEach(() => service.stop());

  const lags = () => service.bus.lag(GROUP, [Counted.topic]);

  /** The messages that were handed over so far, by partition. */
  function counting(bus: MessageBus) {
    const handedOver = new Map<number, number>();
    const counted: MessageBus = Object.create(bus, {
      subscribe: {
        value: (options: Parameters<MessageBus['subscribe']>[0]) =>
          bus.subscribe({
            ...options,
            listener: {
              onAssigned: (assignment) => options.listener.onAssigned(assignment),
              onRevoked: () => options.listener.onRevoked(),
              onMessages: (from, messages, end) => {
                handedOver.set(from.partition, (handedOver.get(from.partition) ?? 0) + messages.length);
                options.listener.onMessages(from, messages, end);
              },
            },
          }),
      },
    });
    return { bus: counted, handedOver };
  }

  test('a slow one delays its own partition alone, as long as its patience lasts', async () => {
    const slow = gate();
    const route = on(Counted, async (event) => {
      if (event.subject === 'slow') await slow.opened;
      deliveries.push(event);
    });
    service.newRunnerOf(service.newProcessor(GROUP, [route], { patienceMs: 60_000 })).start();
    await service.publishCounts('slow', 1, 1);
    await Promise.all(ids.map((id) => service.publishCounts(id, 1, 5)));
    // Six partitions: those of the slow one's wait, and all others are through while it is still at work.
    await eventually(async () => expect((await lags()).filter(({ lag }) => lag > 0n)).toHaveLength(1), patiently);
    expect(deliveries.map(({ subject }) => subject)).not.toContain('slow');
    slow.open();
    await eventually(() => expect(deliveries).toHaveLength(ids.length * 5 + 1), patiently);
  });

  test.each([
    ['single events', on],
    ['batches', onBatch],
  ])('a slow one of %s delays its own key alone: later events of that wait in line until it ends', async (_, by) => {
    const slow = gate();
    const handler = async (given: CountedEvent | readonly CountedEvent[]): Promise<void> => {
      const events = [given].flat();
      if (events.some(({ subject, version }) => subject === 'slow' && version === 1)) await slow.opened;
      deliveries.push(...events);
    };
    const processor = service.newProcessor(GROUP, [by(Counted, handler)]);
    service.newRunnerOf(processor).start();
    const retrier = service.newRetrier(processor);
    await service.publishCounts('slow', 1, 1);
    await eventually(async () => expect(await service.parkingLot.list()).toHaveLength(1), patiently);
    await service.publishCounts('slow', 2, 3);
    await Promise.all(ids.map((id) => service.publishCounts(id, 1, 5)));
    await eventually(async () => expect((await lags()).filter(({ lag }) => lag > 0n)).toEqual([]), patiently);
    expect(deliveries).toHaveLength(ids.length * 5);
    expect(await service.parkingLot.list()).toHaveLength(3);
    slow.open();
    await processor.idle();
    await retrier.retryDue();
    expect(deliveries.slice(ids.length * 5).map(({ version }) => version)).toEqual([1, 2, 3]);
    expect(await service.parkingLot.list()).toEqual([]);
  });

  test.each([
    ['throws a SyntaxError', () => Promise.resolve(JSON.parse('{"n":') as unknown)],
    ['hangs', () => new Promise(() => undefined)],
  ])('one that %s costs its own event, and all others are handled by the same member', async (_, misbehave) => {
    const handler = async (event: CountedEvent): Promise<void> => {
      if (event.subject === 'poison') await misbehave();
      deliveries.push(event);
    };
    let joins = 0;
    const bus = service.newBus();
    const watched: MessageBus = Object.create(bus, {
      subscribe: {
        value: ({ listener, ...options }: Parameters<MessageBus['subscribe']>[0]) =>
          bus.subscribe({
            ...options,
            listener: {
              onAssigned: (assignment) => {
                joins++;
                listener.onAssigned(assignment);
              },
              onRevoked: () => listener.onRevoked(),
              onMessages: (...given) => listener.onMessages(...given),
            },
          }),
      },
    });
    const processor = service.newProcessor(GROUP, [on(Counted, handler)], { handlerTimeoutMs: 300 });
    service.newRunnerOf(processor, { bus: watched }).start();
    await Promise.all(ids.map((id) => service.publishCounts(id, 1, 1)));
    await eventually(() => expect(deliveries).toHaveLength(ids.length), patiently);
    // A broker may have its members join again at first, whatever their handlers do.
    const joinsBefore = joins;
    await service.publishCounts('poison', 1, 2);
    await Promise.all(ids.map((id) => service.publishCounts(id, 2, 3)));
    await eventually(() => expect(deliveries).toHaveLength(ids.length * 3), patiently);
    await eventually(async () => {
      const parked = await service.parkingLot.list();
      // The second one waits behind the first: only that one was tried, and only once.
      expect(parked.map(({ key, attempts, error }) => [key, attempts, error !== undefined])).toEqual([
        ['poison', 0, true],
        ['poison', 0, false],
      ]);
    }, patiently);
    expect(joins).toBe(joinsBefore);
  });

  test('a partition whose handler does not keep up is paused, and goes on where it stood', async () => {
    const slow = gate();
    const { bus, handedOver } = counting(service.newBus());
    const route = on(Counted, async (event) => {
      if (event.subject === 'slow') await slow.opened;
      deliveries.push(event);
    });
    const processor = service.newProcessor(GROUP, [route], { patienceMs: 60_000 });
    service.newRunnerOf(processor, { bus, backlog: { full: 20, low: 5 } }).start();
    await service.publishCounts('slow', 1, 40);
    await eventually(() => expect([...handedOver.values()]).toEqual([40]), patiently);
    // Fetched after the partition was paused, these show that the member is alive and takes nothing of it any more.
    await service.publishCounts('slow', 41, 80);
    for (const round of upTo(3)) {
      await Promise.all(ids.map((id) => service.publishCounts(id, round, round)));
      await eventually(async () => expect((await lags()).filter(({ lag }) => lag > 0n)).toHaveLength(1), patiently);
    }
    expect([...handedOver.values()].filter((count) => count >= 40)).toEqual([40]);
    slow.open();
    await eventually(() => expect(firstDeliveries(deliveries).get('slow')).toEqual(upTo(80)), patiently);
  });

  test('a batch handler gets many events of a partition at once, each key in order, and parks what fails alone', async () => {
    const sizes: number[] = [];
    const processor = service.newProcessor(GROUP, [
      onBatch(Counted, async (events) => {
        if (events.some(({ subject, version }) => subject === 'c3' && version === 7)) throw new TypeError('poison');
        sizes.push(events.length);
        deliveries.push(...events);
      }),
    ]);
    await Promise.all(ids.map((id) => service.publishCounts(id, 1, 20)));
    service.newRunnerOf(processor).start();
    await eventually(() => {
      for (const id of ids) expect(firstDeliveries(deliveries).get(id)).toEqual(upTo(id === 'c3' ? 6 : 20));
    }, patiently);
    await eventually(async () => {
      const parked = await service.parkingLot.list();
      expect(parked.map(({ key }) => key)).toEqual(Array.from({ length: 14 }, () => 'c3'));
    }, patiently);
    expect(Math.max(...sizes)).toBeGreaterThan(20);
  });
});
