import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KeyedQueue } from './keyed-queue.js';

describe('keyed queue', () => {
  test('runs the tasks of a key one at a time and in order, and forgets the key', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom('a', 'b'), { maxLength: 12 }),
        async (scheduler, keys) => {
          const queue = new KeyedQueue();
          const running = new Set<string>();
          const done: Record<string, number[]> = { a: [], b: [] };
          const tasks = keys.map((key, index) =>
            queue.run(key, async () => {
              expect(running.has(key)).toBe(false);
              running.add(key);
              await scheduler.schedule(Promise.resolve());
              running.delete(key);
              done[key]?.push(index);
            }),
          );
          await scheduler.waitFor(Promise.all(tasks));
          for (const order of Object.values(done)) expect(order).toEqual(order.toSorted((x, y) => x - y));
          expect(queue.size).toBe(0);
        },
      ),
    );
  });

  test('a task that fails does not stop those behind it', async () => {
    const queue = new KeyedQueue();
    const failing = queue.run('a', () => Promise.reject(new Error('no')));
    const next = queue.run('a', () => Promise.resolve('yes'));
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('yes');
  });
});
