import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import type { Lease, OutboxEntry } from '#persistence';
import { Counted } from '../../test/counter.events.js';
import { MessageRefusedError, type MessageBus, type OutgoingMessage } from '../bus/message-bus.js';
import { silentLogger } from '../logger.js';
import { messagingMetrics } from '../metrics.js';
import type { Outbox, PendingAggregate } from './aggregate-outbox.js';
import { RelayShard } from './relay-shard.js';

const entry = (v: number): OutboxEntry => ({
  id: `event_${v}`,
  type: 'counter.counted',
  v,
  time: new Date(0),
  key: 'a',
  data: { n: v },
});

/** One aggregate's outbox, as the database has it. */
class StoredOutbox implements Outbox {
  readonly name = 'counters';
  entries: OutboxEntry[] = [];
  version = 0;

  constructor(private readonly arrive: <Value>(what: string, value: () => Value) => Promise<Value>) {}

  write(): void {
    this.entries = [...this.entries, entry(++this.version)];
  }

  load(ids: readonly string[]): Promise<PendingAggregate[]> {
    return this.arrive('load', () => (this.entries.length > 0 ? ids.map((id) => ({ id, entries: this.entries })) : []));
  }

  async markPublished(published: readonly { version: number }[]): Promise<void> {
    await this.arrive('mark', () => {
      for (const { version } of published) this.entries = this.entries.filter(({ v }) => v > version);
    });
  }
}

const newShard = (publish: MessageBus['publish'], holds: (lease: Lease) => Promise<boolean>, held: string[] = []) =>
  new RelayShard({
    service: 'counter',
    bus: { publish } as MessageBus,
    contracts: new Map([[Counted.type, Counted]]),
    metrics: messagingMetrics(new Registry()),
    logger: silentLogger,
    holds,
    onHeld: (_outbox, id) => held.push(id),
  });
const versionsOf = (messages: readonly OutgoingMessage[]): number[] =>
  messages.map(({ headers }) => Number(headers['ce_aggregateversion']));

describe('relay shard', () => {
  test('two relays at one outbox, in any interleaving, double events but neither lose nor swap them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom('write', 'poll', 'lost'), { maxLength: 12 }),
        fc.boolean(),
        async (scheduler, actions, tells) => {
          const log: number[] = [];
          const arrive = <Value>(what: string, value: () => Value): Promise<Value> =>
            scheduler.schedule(Promise.resolve(), what).then(value);
          const outbox = new StoredOutbox(arrive);
          const publish = (messages: readonly OutgoingMessage[]) =>
            arrive('publish', () => void log.push(...versionsOf(messages)));
          const lease = { name: 'relay-0', fence: 1 };
          let fenced = false;
          const writer = newShard(publish, () => Promise.resolve(true));
          const poller = newShard(publish, () => arrive('holds', () => !fenced));
          for (const action of actions) {
            if (action === 'write') {
              outbox.write();
              writer.wake(outbox, 'a', tells ? { pending: outbox.entries } : {});
            } else if (action === 'poll') poller.wake(outbox, 'a', { lease });
            else fenced = true;
            if (scheduler.count() > 0) await scheduler.waitOne();
          }
          await scheduler.waitIdle();
          await Promise.all([writer.idle(), poller.idle()]);
          const firsts = [...new Set(log)];
          expect(firsts).toEqual(Array.from({ length: outbox.version }, (_, index) => index + 1));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('what a writer tells is not read, and sent once though a writer that loaded too early tells it again', async () => {
    const read: string[] = [];
    const outbox = new StoredOutbox(async (what, value) => (read.push(what), value()));
    const sent: number[][] = [];
    const shard = newShard(
      async (messages) => void sent.push(versionsOf(messages)),
      () => Promise.resolve(true),
    );
    outbox.write();
    shard.wake(outbox, 'a', { pending: [entry(1)] });
    await shard.idle();
    outbox.write();
    shard.wake(outbox, 'a', { pending: [entry(1), entry(2)] });
    await shard.idle();
    expect(sent).toEqual([[1], [2]]);
    expect(read).toEqual(['mark', 'mark']);
    expect(outbox.entries).toEqual([]);
  });

  test('what a writer told is read when it is not known whether the broker has it', async () => {
    const outbox = new StoredOutbox(async (_what, value) => value());
    const sent: number[][] = [];
    const shard = newShard(
      async (messages) => {
        sent.push(versionsOf(messages));
        if (sent.length === 1) throw new Error('no answer');
      },
      () => Promise.resolve(true),
    );
    outbox.write();
    shard.wake(outbox, 'a', { pending: [entry(1)] });
    outbox.write();
    await shard.idle();
    expect(sent).toEqual([[1], [1, 2]]);
    expect(outbox.entries).toEqual([]);
  });

  test('events sent under a lease that is lost stay in the outbox', async () => {
    const outbox = new StoredOutbox(async (_what, value) => value());
    outbox.write();
    const sent: number[] = [];
    const publish = async (messages: readonly OutgoingMessage[]) => void sent.push(...versionsOf(messages));
    const shard = newShard(publish, () => Promise.resolve(false));
    shard.wake(outbox, 'a', { lease: { name: 'relay-0', fence: 1 } });
    await shard.idle();
    expect(sent).toEqual([1]);
    expect(outbox.entries).toHaveLength(1);
  });

  test('sends again what was not acknowledged, and everything behind it', async () => {
    const outbox = new StoredOutbox(async (_what, value) => value());
    outbox.write();
    const sent: number[][] = [];
    const shard = newShard(
      async (messages) => {
        sent.push(versionsOf(messages));
        if (sent.length > 1) return;
        outbox.write();
        throw new Error('no answer');
      },
      () => Promise.resolve(true),
    );
    shard.wake(outbox, 'a');
    await shard.idle();
    expect(sent).toEqual([[1], [1, 2]]);
    expect(outbox.entries).toEqual([]);
  });

  test('an event that breaks its contract holds back its aggregate from there on, and no other', async () => {
    const outbox = new StoredOutbox(async (_what, value) => value());
    outbox.write();
    outbox.entries = [entry(1), { ...entry(2), data: { n: 'two' } }, entry(3)];
    const healthy = new StoredOutbox(async (_what, value) => value());
    healthy.write();
    const sent: number[][] = [];
    const held: string[] = [];
    const shard = newShard(
      async (messages) => void sent.push(versionsOf(messages)),
      () => Promise.resolve(true),
      held,
    );
    shard.wake(outbox, 'a');
    shard.wake(healthy, 'b');
    await shard.idle();
    expect(sent).toEqual([[1], [1]]);
    expect(held).toEqual(['a']);
    expect(outbox.entries.map(({ v }) => v)).toEqual([2, 3]);
  });

  test('what waits in outboxes goes in batches that a broker takes, headers included, however it is spread', async () => {
    const outboxes = fc.array(fc.record({ events: fc.nat(256), textBytes: fc.nat(400) }), {
      minLength: 1,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(outboxes, async (given) => {
        const sent: (readonly OutgoingMessage[])[] = [];
        const shard = newShard(
          async (messages) => void sent.push(messages),
          () => Promise.resolve(true),
        );
        const marked = new Map<string, number>();
        const outbox: Outbox = {
          name: 'counters',
          load: () => Promise.resolve([]),
          markPublished: async (published) => void published.forEach(({ id, version }) => marked.set(id, version)),
        };
        for (const [index, { events, textBytes }] of given.entries()) {
          const trace = { traceparent: 'x'.repeat(textBytes) };
          const pending = Array.from({ length: events }, (_, v) => ({ ...entry(v + 1), ...trace, key: `a${index}` }));
          shard.wake(outbox, `a${index}`, { pending });
        }
        await shard.idle();
        for (const messages of sent) expect(JSON.stringify(messages).length).toBeLessThan(800_000);
        for (const [index, { events }] of given.entries()) {
          const own = sent.flat().filter(({ key }) => key === `a${index}`);
          expect(versionsOf(own)).toEqual(Array.from({ length: events }, (_, v) => v + 1));
          expect(marked.get(`a${index}`) ?? 0).toBe(events);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('an event that the broker refuses holds back its aggregate from there on, and no other', async () => {
    const refused = new StoredOutbox(async (_what, value) => value());
    const taken: string[] = [];
    const held: string[] = [];
    const shard = newShard(
      async (messages) => {
        if (messages.some(({ key, value }) => key === 'a' && value === '{"n":2}'))
          throw new MessageRefusedError(new Error('too large'));
        taken.push(...messages.map(({ key, value }) => key + value));
      },
      () => Promise.resolve(true),
      held,
    );
    for (const _ of [1, 2, 3]) refused.write();
    const outbox: Outbox = {
      name: 'counters',
      load: () => Promise.resolve([]),
      markPublished: (all) => refused.markPublished(all.filter(({ id }) => id === 'a')),
    };
    shard.wake(outbox, 'a', { pending: refused.entries });
    shard.wake(outbox, 'b', { pending: [{ ...entry(1), key: 'b' }] });
    await shard.idle();
    expect(taken).toEqual(['a{"n":1}', 'b{"n":1}']);
    expect(held).toEqual(['a']);
    expect(refused.entries.map(({ v }) => v)).toEqual([2, 3]);
  });
});
