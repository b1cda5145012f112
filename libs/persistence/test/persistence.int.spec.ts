import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mongo, type Connection } from 'mongoose';
import { z } from 'zod';
import { defineEvent, event } from '#contracts';
import {
  AggregateRepository,
  connectDatabase,
  databaseName,
  DuplicateKeyError,
  InboxStore,
  InvalidEventError,
  isTransientDatabaseError,
  LeaseStore,
  OUTBOX_LIMITS,
  OutboxFullError,
  ProjectionCollection,
} from '#persistence';
import { eventually, startTestServers, type TestServers } from '#testing';

const Counted = defineEvent({
  type: 'counter.counted',
  topic: 'test.counter.v1',
  owner: 'catalog',
  key: 'counterId',
  description: 'A counter went up.',
  schema: z.object({ to: z.int() }),
  example: { to: 1 },
});
interface Counter {
  name: string;
  count: number;
  note?: string;
}

let servers: TestServers;
let connection: Connection;
let counters: AggregateRepository<Counter>;

const stored = (id: string) => counters.model.findById(id).lean().exec();
const countUp = (id: string, commandId?: string) =>
  counters.mutate(
    id,
    (state) => ({ state: { ...state, count: state.count + 1 }, events: [event(Counted, { to: state.count + 1 })] }),
    commandId === undefined ? {} : { commandId },
  );

beforeAll(async () => {
  servers = await startTestServers();
  connection = await connectDatabase({
    uri: servers.mongodbUri,
    name: databaseName(servers.namespace, 'persistence'),
  });
  counters = new AggregateRepository<Counter>(connection, {
    name: 'counters',
    indexes: [[{ name: 1 }, { unique: true }]],
  });
  await counters.onModuleInit();
});
afterAll(async () => {
  await connection?.dropDatabase();
  await connection?.close();
  await servers?.stop();
});

describe('aggregate', () => {
  test('is written with its events, versions without gaps', async () => {
    const woken: string[] = [];
    const end = counters.onEventsWritten((id, pending) => woken.push(`${id}: ${pending.map(({ v }) => v).join(', ')}`));
    await counters.insert('c1', { name: 'c1', count: 0 }, [event(Counted, { to: 0 })]);
    await countUp('c1');
    end();
    const document = await stored('c1');
    expect(document).toMatchObject({ v: 2, rev: 2, count: 1 });
    expect(document?.outbox.map(({ v, data }) => [v, data])).toEqual([
      [1, { to: 0 }],
      [2, { to: 1 }],
    ]);
    expect(document?.outboxAt).toEqual(document?.outbox[0]?.time);
    expect(woken).toEqual(['c1: 1', 'c1: 1, 2']);
  });

  test('200 writers at once lose nothing, from two instances', async () => {
    const other = new AggregateRepository<Counter>(
      await connectDatabase({ uri: servers.mongodbUri, name: databaseName(servers.namespace, 'persistence') }),
      { name: 'counters', indexes: [] },
    );
    await counters.insert('c2', { name: 'c2', count: 0 }, []);
    const one = (repository: AggregateRepository<Counter>) =>
      repository.mutate('c2', (state) => ({ state: { ...state, count: state.count + 1 } }));
    const all = Promise.all(Array.from({ length: 200 }, (_, n) => one(n % 2 === 0 ? counters : other)));
    await all.finally(() => other.model.db.close());
    expect((await counters.find('c2'))?.state.count).toBe(200);
  });

  test('the same command again changes nothing', async () => {
    await counters.insert('c3', { name: 'c3', count: 0 }, [], { commandId: 'make' });
    const again = await counters.insert('c3', { name: 'c3', count: 7 }, [], { commandId: 'make' });
    expect(again).toMatchObject({ repeated: true, stored: { state: { count: 0 } } });
    await Promise.all(Array.from({ length: 20 }, () => countUp('c3', 'up')));
    expect((await counters.find('c3'))?.state.count).toBe(1);
  });

  test('a taken id and a taken unique value are told', async () => {
    await counters.insert('c4', { name: 'c4', count: 0 }, []);
    await expect(counters.insert('c4', { name: 'other', count: 0 }, [])).rejects.toThrow(DuplicateKeyError);
    await expect(counters.insert('c5', { name: 'c4', count: 0 }, [])).rejects.toThrow(DuplicateKeyError);
    await counters.insert('c6', { name: 'c6', count: 0 }, []);
    const renamed = counters.mutate('c6', (state) => ({ state: { ...state, name: 'c4' } }));
    await expect(renamed).rejects.toThrow(DuplicateKeyError);
  });

  test('a field that the next state lacks is taken away, and no change is no write', async () => {
    await counters.insert('c7', { name: 'c7', count: 0, note: 'x' }, []);
    await counters.mutate('c7', ({ name, count }) => ({ state: { name, count } }));
    expect((await counters.find('c7'))?.state).toEqual({ name: 'c7', count: 0 });
    await counters.mutate('c7', (state) => ({ state: { ...state } }));
    expect(await stored('c7')).toMatchObject({ rev: 2 });
  });

  test('an event that breaks its contract and an outbox that is full are refused, and nothing is written', async () => {
    await counters.insert('c8', { name: 'c8', count: 0 }, []);
    const wrong = counters.mutate('c8', (state) => ({
      state: { ...state, count: 9 },
      events: [{ contract: Counted, data: { to: 'nine' } }],
    }));
    await expect(wrong).rejects.toThrow(InvalidEventError);
    for (let n = 0; n < OUTBOX_LIMITS.events; n++) await countUp('c8');
    await expect(countUp('c8')).rejects.toThrow(OutboxFullError);
    expect((await counters.find('c8'))?.state.count).toBe(OUTBOX_LIMITS.events);
  });

  describe('that was handed out a moment ago', () => {
    const loads = (work: () => Promise<unknown>) => {
      const found = jest.spyOn(mongo.Collection.prototype, 'findOne');
      return work()
        .then(() => found.mock.calls.length)
        .finally(() => found.mockRestore());
    };
    const up = ({ count, ...state }: Counter, by = 1) => ({
      state: { ...state, count: count + by },
      events: [event(Counted, { to: count + by })],
    });

    test('is written on without being loaded, by insert, find and mutate alike', async () => {
      const inserted = (await counters.insert('k1', { name: 'k1', count: 0 }, [event(Counted, { to: 0 })])).stored;
      const found = (await counters.insert('k2', { name: 'k2', count: 0 }, [])) && (await counters.find('k2'));
      const woken: number[][] = [];
      const end = counters.onEventsWritten((_id, pending) => woken.push(pending.map(({ v }) => v)));
      const loaded = await loads(async () => {
        const first = await counters.mutate(inserted, (state) => up(state), { commandId: 'one' });
        await counters.mutate(first?.stored ?? '', (state) => up(state));
        await counters.mutate(found ?? '', (state) => up(state));
      });
      end();
      expect(loaded).toBe(0);
      expect(woken).toEqual([[1, 2], [1, 2, 3], [1]]);
      expect(await stored('k1')).toMatchObject({ count: 2, v: 3, rev: 3, commands: ['one'], outbox: { length: 3 } });
      expect(await stored('k2')).toMatchObject({ count: 1, v: 1, rev: 2 });
    });

    test('is loaded when somebody wrote since, and decided on anew', async () => {
      const { stored: before } = await counters.insert('k3', { name: 'k3', count: 0 }, []);
      await countUp('k3');
      const outcome = await counters.mutate(before, (state) => up(state, 10));
      expect(outcome?.stored).toMatchObject({ version: 2, state: { count: 11 } });
      expect(await stored('k3')).toMatchObject({ count: 11, v: 2, rev: 3 });
    });

    test('is loaded where nothing would be written: what is answered is how it is now', async () => {
      const { stored: before } = await counters.insert('k4', { name: 'k4', count: 0 }, []);
      await countUp('k4');
      const outcome = await counters.mutate(before, ({ count }) => ({ result: count }));
      expect(outcome).toMatchObject({ result: 1, stored: { version: 1, state: { count: 1 } } });
    });

    test('is loaded where it is refused as it was known: its outbox was emptied meanwhile, or a rule holds no more', async () => {
      const events = Array.from({ length: OUTBOX_LIMITS.events }, (_, to) => event(Counted, { to }));
      const { stored: before } = await counters.insert('k6', { name: 'k6', count: 0 }, events);
      await expect(counters.mutate(before, (state) => up(state))).rejects.toThrow(OutboxFullError);
      await counters.model.updateOne({ _id: 'k6' }, { $set: { outbox: [] }, $unset: { outboxAt: '' } }).exec();
      expect((await counters.mutate(before, (state) => up(state)))?.stored.state.count).toBe(1);
      const onlyFromOne = (state: Counter) => {
        if (state.count === 0) throw new Error('not yet');
        return up(state);
      };
      expect((await counters.mutate(before, onlyFromOne))?.stored.state.count).toBe(2);
    });

    test('knows its commands: the same again changes nothing', async () => {
      const { stored: before } = await counters.insert('k5', { name: 'k5', count: 0 }, []);
      const first = await counters.mutate(before, (state) => up(state), { commandId: 'up' });
      for (const known of [before, first?.stored ?? ''])
        expect(await counters.mutate(known, (state) => up(state), { commandId: 'up' })).toMatchObject({
          repeated: true,
        });
      expect((await counters.find('k5'))?.state.count).toBe(1);
    });
  });

  test('what is not there is null', async () => {
    expect(await counters.find('nobody')).toBeNull();
    expect(await countUp('nobody')).toBeNull();
  });
});

describe('projection', () => {
  const make = async (name: string) => {
    const collection = new ProjectionCollection<{ _id: string; title?: string; hits?: number }>(connection, {
      name,
      indexes: [],
    });
    await collection.onModuleInit();
    return collection;
  };

  test('a copy keeps the newest version, whatever order and however often', async () => {
    const copies = await make('copies');
    const versions = [3, 1, 5, 5, 2, 4, 5, 1];
    await Promise.all(
      versions.map((version) => copies.applyIfNewer('p', 'product', version, { $set: { title: `v${version}` } })),
    );
    expect(await copies.model.findById('p').lean()).toMatchObject({ title: 'v5', src: { product: 5 } });
    expect(await copies.applyIfNewer('p', 'stock', 1, { $set: { hits: 1 } })).toBe('applied');
    expect(await copies.applyIfNewer('p', 'stock', 1, { $set: { hits: 2 } })).toBe('stale');
  });

  test('a count takes each event once', async () => {
    const counts = await make('counts');
    const ids = Array.from({ length: 60 }, (_, n) => `event_${n % 20}`);
    await Promise.all(ids.map((id) => counts.applyOnce('p', id, { $inc: { hits: 1 } })));
    expect(await counts.model.findById('p').lean()).toMatchObject({ hits: 20 });
  });
});

/** All that can be faked, but for `Date`. */
const TIMERS = [
  ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
  ...(['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const),
];

describe('lease', () => {
  test('is held by one at a time, and its fence goes up with each change of owner', async () => {
    let seconds = 0;
    const leases = new LeaseStore(connection, () => new Date(1_800_000_000_000 + seconds * 1000));
    const acquireAt = (second: number, by: string) => {
      seconds = second;
      return leases.acquire('shard', by, 10_000);
    };
    const racing = await Promise.all(['a', 'b', 'c'].map((owner) => acquireAt(0, owner)));
    const winners = racing.filter((lease) => lease !== null);
    expect(winners).toHaveLength(1);
    const owner = ['a', 'b', 'c'][racing.findIndex((lease) => lease !== null)] ?? '';
    expect(await acquireAt(5, owner)).toMatchObject({ fence: 1 });
    expect(await acquireAt(14, 'd')).toBeNull();
    const taken = await acquireAt(16, 'd');
    expect(taken).toMatchObject({ fence: 2 });
    expect(winners[0] && (await leases.holds(winners[0], owner))).toBe(false);
    if (taken) await leases.release(taken, 'd');
    expect(await acquireAt(17, 'e')).toMatchObject({ fence: 3 });
  });

  test('ends by the clock of the database, whatever that of its owner says', async () => {
    const leases = new LeaseStore(connection.useDb(connection.name, { useCache: false }));
    const inOffTime = async <Result>(offMs: number, work: () => Promise<Result>): Promise<Result> => {
      jest.useFakeTimers({ now: Date.now() + offMs, doNotFake: TIMERS });
      return work().finally(() => jest.useRealTimers());
    };
    const lease = await inOffTime(3_600_000, () => leases.acquire('short', 'a', 500));
    expect(lease).toMatchObject({ fence: 1 });
    expect(await inOffTime(-3_600_000, () => leases.acquire('long', 'a', 60_000))).toMatchObject({ fence: 1 });
    expect(await inOffTime(3_600_000, () => leases.countHeld('long'))).toBe(1);
    expect(await inOffTime(3_600_000, () => leases.acquire('long', 'b', 60_000))).toBeNull();
    await eventually(async () => expect(await leases.acquire('short', 'b', 500)).toMatchObject({ fence: 2 }));
    expect(lease && (await leases.holds(lease, 'a'))).toBe(false);
    await eventually(async () => expect(await leases.countHeld('short')).toBe(0));
  });
});

describe('inbox', () => {
  test('an effect that was done is not done again, one that failed is', async () => {
    const inbox = new InboxStore(connection);
    await inbox.onModuleInit();
    let effects = 0;
    await expect(inbox.once('mail', 'event_1', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const effect = () => Promise.resolve(void effects++);
    expect(await inbox.once('mail', 'event_1', effect)).toBe(true);
    expect(await inbox.once('mail', 'event_1', effect)).toBe(false);
    expect(effects).toBe(1);
  });
});

test('a database that is not there fails in time, as something to try again', async () => {
  const away = connectDatabase({ uri: 'mongodb://127.0.0.1:9/', name: 'x', serverSelectionTimeoutMs: 300 });
  const error = await away.catch((reason: unknown) => reason);
  expect(isTransientDatabaseError(error)).toBe(true);
});
