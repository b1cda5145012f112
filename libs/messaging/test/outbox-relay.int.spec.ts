import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { captureEvents, eventually, type CapturedEvents } from '#testing';
import type { MessageBus } from '#messaging';
import { Counted } from './counter.events.js';
import { CounterRepository, CounterService, firstDeliveries, upTo } from './counter.fixture.js';

describe('outbox relay', () => {
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

  const pending = () => service.counters.model.countDocuments({ outboxAt: { $gt: new Date(0) } });

  test('publishes what aggregates emit, in order, and empties their outboxes', async () => {
    service.newRelay().start();
    await Promise.all(['a', 'b', 'c'].map((id) => service.counters.count(id, 20)));
    await eventually(() => expect(captured.of(Counted)).toHaveLength(60));
    for (const versions of firstDeliveries(captured.of(Counted)).values()) expect(versions).toEqual(upTo(20));
    await eventually(async () => expect(await pending()).toBe(0));
    const stored = await service.counters.model.findOne({ _id: 'a' }).lean().exec();
    expect(stored?.outbox).toEqual([]);
  });

  test('a crash between sending and marking doubles events and loses none', async () => {
    const { bus } = service;
    const crashing: MessageBus = Object.create(bus, {
      publish: {
        value: async (messages: Parameters<MessageBus['publish']>[0]) => {
          await bus.publish(messages);
          throw new Error('the process ends here');
        },
      },
    });
    const first = service.newRelay({ bus: crashing });
    first.start();
    await service.counters.count('a', 3);
    await eventually(() => expect(captured.of(Counted).length).toBeGreaterThan(0));
    await first.stop();
    expect(await pending()).toBe(1);
    const before = captured.of(Counted).length;

    service.newRelay({ instance: 'b' }).start();
    await eventually(async () => expect(await pending()).toBe(0));
    await eventually(() => expect(captured.of(Counted).length).toBeGreaterThanOrEqual(before + 3));
    expect(firstDeliveries(captured.of(Counted)).get('a')).toEqual([1, 2, 3]);
  });

  test('what a process left behind that had no relay is found by the poll', async () => {
    const elsewhere = new CounterRepository(service.newConnectionOfSameDatabase());
    await elsewhere.count('a', 2);
    service.newRelay().start();
    await eventually(() => expect(captured.of(Counted).map(({ version }) => version)).toEqual([1, 2]));
  });

  test('two instances write and publish the same aggregates: first copies stay in order, few are doubled', async () => {
    const elsewhere = new CounterRepository(service.newConnectionOfSameDatabase());
    service.newRelay({ instance: 'a' }).start();
    service.newRelay({ instance: 'b', counters: elsewhere }).start();
    const writers = [service.counters, elsewhere];
    const ids = ['a', 'b', 'c', 'd'];
    await service.counters.count('a');
    await Promise.all(ids.slice(1).map((id) => service.counters.count(id)));
    await Promise.all(ids.flatMap((id) => writers.map((writer) => writer.count(id, 10))));
    await eventually(async () => {
      expect(await pending()).toBe(0);
      for (const id of ids) expect(firstDeliveries(captured.of(Counted)).get(id)).toEqual(upTo(21));
    });
  });

  test('an event that breaks its contract holds back its aggregate alone, and goes on when it is mended', async () => {
    const collection = service.counters.model.collection;
    const entry = { id: 'event_1', type: Counted.type, v: 1, time: new Date(), key: 'a', data: { n: 'one' } };
    await service.counters.model.insertMany([
      { _id: 'a', n: 1, v: 1, rev: 1, commands: [], outboxAt: new Date(), outbox: [entry] },
    ]);
    let passedMs = 0;
    service.newRelay({ now: () => new Date(Date.now() + passedMs) }).start();
    await service.counters.count('a');
    await service.counters.count('b', 2);
    await eventually(() => expect(captured.of(Counted).map(({ subject }) => subject)).toEqual(['b', 'b']));
    expect((await service.metrics.held.get()).values[0]?.value).toBe(1);
    await collection.updateOne({ _id: 'a' as never }, { $set: { 'outbox.0.data.n': 1 } });
    // Left alone for a minute, whatever is written meanwhile, and then found by the poll.
    await service.counters.count('a');
    await service.counters.count('b');
    await eventually(() => expect(firstDeliveries(captured.of(Counted)).get('b')).toEqual([1, 2, 3]));
    expect(firstDeliveries(captured.of(Counted)).get('a')).toBeUndefined();
    passedMs = 60_000;
    await eventually(() => expect(firstDeliveries(captured.of(Counted)).get('a')).toEqual([1, 2, 3]));
    passedMs += 60_001;
    await eventually(async () => expect((await service.metrics.held.get()).values[0]?.value).toBe(0));
  });

  test('flush waits until all that was written here is published', async () => {
    const relay = service.newRelay();
    relay.start();
    await service.counters.count('a', 5);
    expect(await relay.flush()).toBe(true);
    expect(await pending()).toBe(0);
  });
});
