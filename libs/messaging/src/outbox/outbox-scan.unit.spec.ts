import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OutboxScan, type WaitingOutbox } from './outbox-scan.js';

const limits = { found: 3, looked: 10 };
const nobody = () => false;

/** All that waits, as the database has it. */
function lotOf(waiting: WaitingOutbox[]) {
  let read = 0;
  return {
    read: () => read,
    since: async function* (since: Date) {
      for (const one of waiting.toSorted((a, b) => Number(a.since) - Number(b.since)))
        if (one.since >= since) {
          read++;
          yield one;
        }
    },
  };
}
const outboxes = fc
  .uniqueArray(fc.record({ at: fc.integer({ min: 1, max: 100_000 }), isOurs: fc.boolean() }), {
    maxLength: 80,
    selector: ({ at }) => at,
  })
  .map((all) => all.map(({ at, isOurs }, n) => ({ id: `${isOurs ? 'ours' : 'theirs'}-${n}`, since: new Date(at) })));
const isOurs = ({ id }: WaitingOutbox): boolean => id.startsWith('ours');

describe('outbox scan', () => {
  test('finds all that are ours, however many of others wait and stay; no look sees more than it may', async () => {
    await fc.assert(
      fc.asyncProperty(outboxes, async (given) => {
        const waiting = [...given];
        const lot = lotOf(waiting);
        const scan = new OutboxScan((since) => lot.since(since), limits);
        const found: string[] = [];
        // Each look finds three, or sees ten, or all.
        const looks = Math.ceil(given.length / 3) + Math.ceil(given.length / 10) + 1;
        for (let look = 0; look < looks; look++) {
          const before = lot.read();
          const ids = await scan.next(isOurs, nobody);
          expect(ids.length).toBeLessThanOrEqual(limits.found);
          expect(lot.read() - before).toBeLessThanOrEqual(limits.looked);
          found.push(...ids);
          for (const id of ids)
            waiting.splice(
              waiting.findIndex((one) => one.id === id),
              1,
            );
        }
        expect(found.toSorted()).toEqual(
          given
            .filter(isOurs)
            .map(({ id }) => id)
            .toSorted(),
        );
      }),
    );
  });

  test('tells since when the one waits that waits longest, whosever it is, but for those that are ignored', async () => {
    const waiting = Array.from({ length: 30 }, (_, n) => ({ id: `theirs-${n}`, since: new Date(n + 1) }));
    const lot = lotOf(waiting);
    const scan = new OutboxScan((since) => lot.since(since), limits);
    expect(scan.longestSince).toBeUndefined();
    await scan.next(isOurs, (id) => id === 'theirs-0');
    expect(scan.longestSince).toEqual(new Date(2));
    // Goes on behind those.
    await scan.next(isOurs, nobody);
    expect(scan.longestSince).toEqual(new Date(2));
    waiting.splice(0);
    await scan.next(isOurs, nobody);
    await scan.next(isOurs, nobody);
    expect(scan.longestSince).toBeUndefined();
  });

  test('gets past any number that wait since the same moment', async () => {
    const crowd = Array.from({ length: 25 }, (_, n) => ({ id: `theirs-${n}`, since: new Date(1) }));
    const lot = lotOf([...crowd, { id: 'ours', since: new Date(2) }]);
    const scan = new OutboxScan((since) => lot.since(since), limits);
    const found = [await scan.next(isOurs, nobody), await scan.next(isOurs, nobody), await scan.next(isOurs, nobody)];
    expect(found.flat()).toContain('ours');
  });
});
