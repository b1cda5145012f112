import { beforeEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import type { PartitionLag } from '../bus/message-bus.js';
import { silentLogger } from '../logger.js';
import { messagingMetrics } from '../metrics.js';
import { STALLED_MS, StallWatch, type Watched } from './stall-watch.js';

const ours = { topic: 'orders', partition: 0 };
const theirs = { topic: 'orders', partition: 1 };

describe('stall watch', () => {
  let nowMs: number;
  let lags: PartitionLag[];
  let isBrokerAway: boolean;
  let isDatabaseAway: boolean;
  let stalled: string[];
  let member: { -readonly [Field in keyof Watched]: Watched[Field] };
  let watch: StallWatch;

  beforeEach(() => {
    nowMs = 0;
    lags = [{ ...ours, lag: 5n }];
    isBrokerAway = false;
    isDatabaseAway = false;
    stalled = [];
    member = { group: 'order.checkout', topics: ['orders'], assigned: [ours], progress: 0, oldestAgeMs: 0 };
    watch = new StallWatch({
      members: [member],
      bus: { lag: () => (isBrokerAway ? Promise.reject(new Error('away')) : Promise.resolve(lags)) },
      askDatabase: () => (isDatabaseAway ? Promise.reject(new Error('away')) : Promise.resolve()),
      onStalled: (group) => void stalled.push(group),
      metrics: messagingMetrics(new Registry()),
      logger: silentLogger,
      now: () => nowMs,
    });
  });

  const pass = async (ms: number, meanwhile: () => void = () => undefined): Promise<void> => {
    for (const until = nowMs + ms; nowMs <= until; nowMs += 15_000) {
      meanwhile();
      await watch.checkAll();
    }
  };

  test('a consumer that is behind and gets on with nothing for a minute is stalled', async () => {
    await pass(STALLED_MS - 1);
    expect(stalled).toEqual([]);
    await pass(15_000);
    expect(stalled[0]).toBe('order.checkout');
  });

  test('a consumer that gets on, however slowly, is not', async () => {
    await pass(10 * STALLED_MS, () => void member.progress++);
    expect(stalled).toEqual([]);
  });

  test('a consumer with nothing to do is not, whatever others have to do', async () => {
    lags = [
      { ...ours, lag: 0n },
      { ...theirs, lag: 100n },
    ];
    await pass(10 * STALLED_MS);
    expect(stalled).toEqual([]);
  });

  test('one that is no member any more, while nobody does the work, is', async () => {
    lags = [{ ...theirs, lag: 1n }];
    member.assigned = undefined;
    await pass(2 * STALLED_MS);
    expect(stalled).not.toEqual([]);
  });

  test.each(['broker', 'database'])('while the %s is away nobody is stalled, nor right after it', async (which) => {
    await pass(STALLED_MS - 16_000);
    await pass(5 * STALLED_MS, () => {
      isBrokerAway = which === 'broker';
      isDatabaseAway = which === 'database';
    });
    isBrokerAway = isDatabaseAway = false;
    await pass(STALLED_MS - 16_000);
    expect(stalled).toEqual([]);
    await pass(STALLED_MS);
    expect(stalled).not.toEqual([]);
  });

  test('a process that stood still for long has its minute from then on', async () => {
    await watch.checkAll();
    nowMs += 10 * STALLED_MS;
    await watch.checkAll();
    await pass(STALLED_MS - 16_000);
    expect(stalled).toEqual([]);
    await pass(STALLED_MS);
    expect(stalled).not.toEqual([]);
  });

  test('it is caught up once it was less than 30 s behind, and stays so', async () => {
    member.progress = 1;
    member.oldestAgeMs = 40_000;
    await watch.checkAll();
    expect(watch.caughtUp).toBe(false);
    member.oldestAgeMs = 20_000;
    await watch.checkAll();
    member.oldestAgeMs = 90_000;
    await watch.checkAll();
    expect(watch.caughtUp).toBe(true);
  });

  test('a consumer without work is caught up when it is a member', async () => {
    lags = [{ ...ours, lag: 0n }];
    member.assigned = undefined;
    await watch.checkAll();
    expect(watch.caughtUp).toBe(false);
    member.assigned = [ours];
    await watch.checkAll();
    expect(watch.caughtUp).toBe(true);
  });
});
