import { describe, expect, test } from '@jest/globals';
import { StorageError } from '../errors.js';
import { CommitQueue } from './commit-queue.js';
import type { WriteBatch } from './write-batch.js';

/** A store whose flushes end when the test says so. */
class ManualStore {
  readonly flushes: { readonly writes: number; end(error?: Error): void }[] = [];
  commit(batch: WriteBatch): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (error?: Error) => (error === undefined ? resolve() : reject(error));
      this.flushes.push({ writes: batch.writes.length, end });
    });
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('commit queue', () => {
  const write = (queue: CommitQueue, name: string, journal: string[] = []) =>
    queue.submit((writes) => {
      writes.putState([name], {});
      return {
        result: name,
        committed: () => void journal.push(`committed ${name}`),
        undo: () => void journal.push(`undone ${name}`),
      };
    });

  test('acknowledges nothing before the flush, and lets what came meanwhile share the next one', async () => {
    const store = new ManualStore();
    const queue = new CommitQueue(store);
    const acknowledged: string[] = [];
    const submit = (name: string) => write(queue, name).then((result) => acknowledged.push(result));
    const first = submit('a');
    await turn();
    const later = [submit('b'), submit('c'), submit('d')];
    await turn();
    expect(acknowledged).toEqual([]);
    expect(store.flushes.map(({ writes }) => writes)).toEqual([1]);
    store.flushes[0]?.end();
    await first;
    await turn();
    expect(acknowledged).toEqual(['a']);
    expect(store.flushes.map(({ writes }) => writes)).toEqual([1, 3]);
    store.flushes[1]?.end();
    await Promise.all(later);
    expect(acknowledged).toEqual(['a', 'b', 'c', 'd']);
    await queue.drained();
  });

  test('takes back everything of a failed flush, the last first', async () => {
    const store = new ManualStore();
    const queue = new CommitQueue(store);
    const journal: string[] = [];
    const tasks = Promise.allSettled(['a', 'b', 'c'].map((name) => write(queue, name, journal)));
    await turn();
    store.flushes[0]?.end(new StorageError('full'));
    expect((await tasks).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(journal).toEqual(['undone c', 'undone b', 'undone a']);
  });

  test('a task that refuses itself fails alone, without its writes', async () => {
    const store = new ManualStore();
    const queue = new CommitQueue(store);
    const refused = queue.submit((writes) => {
      writes.putState(['x'], {});
      throw new RangeError('no');
    });
    const good = write(queue, 'a');
    await expect(refused).rejects.toThrow(RangeError);
    expect(store.flushes.map(({ writes }) => writes)).toEqual([1]);
    store.flushes[0]?.end();
    expect(await good).toBe('a');
  });
});
