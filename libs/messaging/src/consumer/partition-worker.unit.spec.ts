import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { IncomingMessage } from '../bus/message-bus.js';
import { PartitionWorker } from './partition-worker.js';

const message = (offset: number): IncomingMessage => ({
  topic: 'orders',
  partition: 0,
  offset: BigInt(offset),
  key: 'a',
  value: null,
  headers: new Map(),
});

const LENGTH = 12;

/** A partition of 12 messages, what is committed of it, and one member that may lose it to others. */
class Partition {
  readonly handled: number[] = [];
  readonly worker: PartitionWorker;
  private fetchAt = 0;
  private committed = 0;
  private settle: ((done: number) => void) | undefined;

  constructor(batchSize = 1) {
    this.worker = new PartitionWorker((given, signal) => this.handle(given, signal), batchSize);
  }

  private handle(given: readonly IncomingMessage[], signal: AbortSignal): Promise<number> {
    return new Promise((resolve) => {
      this.settle = (wanted) => {
        this.settle = undefined;
        const done = given.slice(0, wanted);
        this.handled.push(...done.map(({ offset }) => Number(offset)));
        resolve(done.length);
      };
      signal.addEventListener('abort', () => this.settle?.(0));
    });
  }

  fetch(count: number): void {
    const messages = Array.from({ length: count }, (_, index) => message(this.fetchAt + index)).filter(
      ({ offset }) => offset < BigInt(LENGTH),
    );
    this.fetchAt += messages.length;
    this.worker.accept(messages, BigInt(LENGTH));
  }

  async finish(count = 1): Promise<void> {
    this.settle?.(count);
    await turn();
  }

  commit(): void {
    const offset = this.worker.toCommit();
    if (offset === undefined) return;
    // Never back, and never over one that was not handled.
    expect(Number(offset)).toBeGreaterThan(this.committed);
    expect(Number(offset)).toBe(Math.max(...this.handled) + 1);
    this.committed = Number(offset);
    this.worker.onCommitted(offset);
  }

  rebalance(): void {
    this.fetchAt = this.committed;
    this.worker.assign();
  }

  /** Another member has it for a while, and handles and commits some of it. */
  async lose(handledByOther: number): Promise<void> {
    this.worker.release();
    await turn();
    const upTo = Math.min(LENGTH, this.committed + handledByOther);
    for (let offset = this.committed; offset < upTo; offset++) this.handled.push(offset);
    this.committed = upTo;
  }
}

const step = fc.oneof(
  fc.integer({ min: 1, max: 5 }).map((count) => ({ do: 'fetch' as const, count })),
  fc.integer({ min: 1, max: 3 }).map((count) => ({ do: 'finish' as const, count })),
  fc.constant({ do: 'commit' as const, count: 0 }),
  fc.constant({ do: 'rebalance' as const, count: 0 }),
  fc.integer({ min: 0, max: 3 }).map((count) => ({ do: 'lose' as const, count })),
);

describe('partition worker', () => {
  test('over any rebalances nothing is left out, first deliveries keep their order, commits follow the work', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), async (steps, batchSize) => {
        const partition = new Partition(batchSize);
        partition.rebalance();
        for (const { do: action, count } of steps) {
          if (action === 'lose') {
            await partition.lose(count);
            partition.rebalance();
          } else if (action === 'fetch') partition.fetch(count);
          else if (action === 'finish') await partition.finish(count);
          else partition[action]();
        }
        partition.rebalance();
        partition.fetch(LENGTH);
        for (let left = 0; left <= LENGTH; left++) await partition.finish();
        const first = [...new Set(partition.handled)];
        expect(first).toEqual(Array.from({ length: LENGTH }, (_, offset) => offset));
      }),
      { numRuns: 300 },
    );
  });

  test('what this member handled is not handled again when the broker delivers it again', async () => {
    const partition = new Partition();
    partition.rebalance();
    partition.fetch(3);
    await partition.finish();
    await partition.finish();
    partition.rebalance();
    partition.fetch(3);
    await partition.finish();
    expect(partition.handled).toEqual([0, 1, 2]);
  });

  test('a message that was dropped by a release is taken when the partition comes back before the handler ended', async () => {
    const handled: string[] = [];
    const worker = new PartitionWorker(async ([first], signal) => {
      handled.push(String(first?.offset));
      if (handled.length > 1) return 1;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return 0;
    });
    worker.assign();
    worker.accept([message(0)], 1n);
    worker.release();
    worker.assign();
    worker.accept([message(0)], 1n);
    await worker.drained();
    expect(handled).toEqual(['0', '0']);
    expect(worker.toCommit()).toBe(1n);
  });

  test('a processor that goes on by itself gets all in order, and only what it was given under the assignment of then', async () => {
    const given: { offset: number; aborted: boolean }[] = [];
    let hold: (() => void) | undefined;
    const worker = new PartitionWorker(async (messages, signal, next) => {
      for (let [one] = messages; one !== undefined; [one] = next?.() ?? []) {
        given.push({ offset: Number(one.offset), aborted: signal.aborted });
        if (one.offset === 2n) await new Promise<void>((resolve) => (hold = resolve));
      }
      return 0;
    });
    worker.assign();
    worker.accept([0, 1, 2, 3].map(message), 4n);
    expect(worker.oldest?.offset).toBe(2n);
    expect(worker.toCommit()).toBe(2n);
    worker.release();
    worker.assign();
    worker.accept([2, 3, 4].map(message), 5n);
    hold?.();
    await worker.drained();
    expect(given).toEqual([0, 1, 2, 3, 4].map((offset) => ({ offset, aborted: false })));
    expect(worker.toCommit()).toBe(5n);
    expect(worker.busy).toBe(false);
    worker.accept([message(5)], 6n);
    await worker.drained();
    expect(worker.toCommit()).toBe(6n);
  });

  test('offsets that start again, as in a topic made anew, are handled', async () => {
    const partition = new Partition();
    partition.rebalance();
    partition.fetch(2);
    await partition.finish();
    await partition.finish();
    partition.commit();
    partition.worker.assign();
    partition.worker.accept([message(0)], 1n);
    await partition.finish();
    expect(partition.handled).toEqual([0, 1, 0]);
  });
});
