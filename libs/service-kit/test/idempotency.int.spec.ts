import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Connection } from 'mongoose';
import { connectDatabase, databaseName } from '#persistence';
import { Clock, ServiceUnavailableError } from '#service-kit';
import { startTestServers, type TestServers } from '#testing';
import { hashInput, recordId } from '../src/idempotency.js';
import { IdempotencyStore, type CommandRun, type KeyedCommand } from '../src/idempotency.store.js';

class MovableClock extends Clock {
  aheadMs = 0;
  now(): Date {
    return new Date(Date.now() + this.aheadMs);
  }
}
const forever = new Promise<never>(() => undefined);

// Each store has a connection object of its own, as each instance of a service has.
describe('the store of commands with a key', () => {
  let servers: TestServers;
  let connection: Connection;
  let keys = 0;

  beforeAll(async () => {
    servers = await startTestServers();
    const name = databaseName(servers.namespace, 'kit');
    connection = await connectDatabase({ uri: servers.mongodbUri, name });
    await new IdempotencyStore(connection, new MovableClock()).onModuleInit();
  });
  afterAll(async () => {
    await connection?.close();
    await servers?.stop();
  });

  const store = (clock: Clock = new MovableClock()): IdempotencyStore =>
    new IdempotencyStore(connection.useDb(connection.name), clock);
  const command = (key: string, input: unknown = 1, withinMs = 20_000): KeyedCommand => ({
    id: recordId('account', 'order.place', key),
    inputHash: hashInput(input),
    deadlineAt: new Date(Date.now() + withinMs),
  });
  const newKey = (): string => `key ${++keys}`;

  test('runs it once when 20 come at the same moment, to three instances', async () => {
    const key = newKey();
    const stores = [store(), store(), store()];
    let runs = 0;
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        stores[index % 3]?.once(command(key), () => Promise.resolve({ run: ++runs })),
      ),
    );
    expect(runs).toBe(1);
    expect(outcomes).toEqual(Array.from({ length: 20 }, () => ({ kind: 'result', result: { run: 1 } })));
  });

  test('gives the first result to the letter', async () => {
    const key = newKey();
    const result = { $set: 1, 'a.b': [null, 'é\u0000'], nested: { of: { deep: true } } };
    await store().once(command(key), () => Promise.resolve(result));
    const again = await store().once(command(key), () => Promise.reject(new Error('ran again')));
    expect(again).toEqual({ kind: 'result', result });
  });

  test('runs what a crash cut off again, as the same command at the same time', async () => {
    const key = newKey();
    const clock = new MovableClock();
    const first = new Promise<CommandRun>((resolve) => {
      // The instance that ran it is never heard of again.
      void store().once(command(key), (run) => (resolve(run), forever));
    });
    const cutOff = await first;
    clock.aheadMs = 10_001;
    const survivor = store(clock);
    let again: CommandRun | undefined;
    const runs = await Promise.all(
      [1, 2, 3].map(() => survivor.once(command(key), (run) => Promise.resolve((again = run).commandId))),
    );
    expect(cutOff.isFirstRun).toBe(true);
    expect(again).toEqual({ ...cutOff, isFirstRun: false });
    expect(new Set(runs.map((run) => JSON.stringify(run))).size).toBe(1);
  });

  test('lets who comes while it runs wait until its deadline', async () => {
    const key = newKey();
    void store().once(command(key), () => forever);
    const late = store().once(command(key, 1, 100), () => Promise.resolve('ran again'));
    await expect(late).rejects.toBeInstanceOf(ServiceUnavailableError);
  });

  test('a run that failed may be done again at once', async () => {
    const key = newKey();
    const failing = store().once(command(key), () => Promise.reject(new Error('broken')));
    await expect(failing).rejects.toThrow('broken');
    expect(await store().once(command(key), () => Promise.resolve(2))).toEqual({ kind: 'result', result: 2 });
  });

  test('a run that was thought dead does not change the answer', async () => {
    const key = newKey();
    const clock = new MovableClock();
    let finish: (value: string) => void = () => undefined;
    const begun = new Promise<Promise<unknown>>((resolve) => {
      const slow = store().once(command(key), () => {
        resolve(slow);
        return new Promise<string>((done) => (finish = done));
      });
    }).then((slow) => ({ slow }));
    await Promise.race([begun, new Promise((resolve) => setImmediate(resolve))]);
    await untilThere(key);
    clock.aheadMs = 10_001;
    await store(clock).once(command(key), () => Promise.resolve('second'));
    finish('first');
    expect(await store().once(command(key), () => Promise.resolve('third'))).toHaveProperty('result', 'second');
  });

  async function untilThere(key: string): Promise<void> {
    while (!(await connection.collection('idempotency').findOne({ inputHash: hashInput(1), _id: idOf(key) })));
  }
  const idOf = (key: string) => command(key).id as unknown as never;

  test('keys are free again after 24 h', async () => {
    const key = newKey();
    const clock = new MovableClock();
    await store(clock).once(command(key), () => Promise.resolve(1));
    clock.aheadMs = 24 * 60 * 60_000 + 1;
    const tomorrow = { ...command(key, 'other'), deadlineAt: new Date(clock.now().getTime() + 20_000) };
    expect(await store(clock).once(tomorrow, () => Promise.resolve(2))).toEqual({ kind: 'result', result: 2 });
  });

  test('answers any sequence of commands as the first of each key decides', async () => {
    const steps = fc.array(
      fc.record({
        key: fc.constantFrom('a', 'b'),
        input: fc.constantFrom(1, 2),
        fails: fc.boolean(),
      }),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const round = newKey();
        const kept = new Map<string, { input: number; result?: number }>();
        for (const [index, { key, input, fails }] of sequence.entries()) {
          const work = () => (fails ? Promise.reject(new Error('broken')) : Promise.resolve(index));
          const outcome = await store()
            .once(command(`${round}${key}`, input), work)
            .catch(() => 'failed');
          const before = kept.get(key);
          if (before && before.input !== input) expect(outcome).toEqual({ kind: 'conflict' });
          else if (before?.result !== undefined) expect(outcome).toEqual({ kind: 'result', result: before.result });
          else {
            expect(outcome).toEqual(fails ? 'failed' : { kind: 'result', result: index });
            kept.set(key, fails ? { input } : { input, result: index });
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  test('is asked by key only, and forgets by an index', async () => {
    const indexes = await connection.collection('idempotency').indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }));
  });
});
