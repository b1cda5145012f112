import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PriceChangedEvent, ProductChanged, type EventContract } from '#contracts';
import type { IncomingMessage } from '../bus/message-bus.js';
import { CopiedVersions } from './copied-versions.js';
import { stateCopyOf, type StateCopy } from './state-copy.js';

const contracts = new Map<string, EventContract>([
  [PriceChangedEvent.type, PriceChangedEvent],
  [ProductChanged.type, ProductChanged],
]);
const event = (type: string, version: number, data: unknown, subject = 'product_1'): IncomingMessage => ({
  topic: 'catalog.product.v1',
  partition: 4,
  offset: 7n,
  key: 'product_1',
  value: Buffer.from(JSON.stringify(data)),
  headers: new Map([
    ['ce_type', type],
    ['ce_subject', subject],
    ['ce_aggregateversion', String(version)],
    ['ce_partitionkey', 'product_1'],
    ['ce_time', '1970-01-01T00:00:01.000Z'],
  ]),
});
const copy = (key: string, version: number, timeMs = 0): StateCopy => ({
  key,
  version,
  timeMs,
  message: { topic: 't.state', key, value: '', headers: {} },
});

describe('the copy of an event on its state topic', () => {
  test('is the event itself in the partition of the same number, under the key of what it supersedes', () => {
    const changed = event('price.changed', 3, { variantId: 'variant_1' });
    expect(stateCopyOf(changed, contracts)).toEqual({
      key: 'product_1/price.changed/variant_1',
      version: 3,
      timeMs: 1_000,
      message: {
        topic: 'catalog.product.v1.state',
        partition: 4,
        key: 'product_1/price.changed/variant_1',
        value: '{"variantId":"variant_1"}',
        headers: Object.fromEntries(changed.headers),
      },
    });
  });

  test('of a type that this process does not know is kept by subject and type', () => {
    expect(stateCopyOf(event('product.renamed', 1, {}), contracts)?.key).toBe('product_1/product.renamed');
  });

  test('is not made of what is no event', () => {
    const none = { ...event('product.changed', 1, {}), headers: new Map() };
    expect(stateCopyOf(none, contracts)).toBeUndefined();
    expect(stateCopyOf({ ...event('product.changed', 1, {}), value: null }, contracts)).toBeUndefined();
    expect(stateCopyOf(event('product.changed', 0, {}), contracts)).toBeUndefined();
  });
});

describe('what is copied', () => {
  test('is the newest of each key, in the order of the events that are copied', () => {
    const kept = new CopiedVersions(0n, -Infinity).newestOf([
      copy('a', 1),
      copy('b', 1),
      copy('a', 2),
      copy('c', 1),
      copy('b', 2),
    ]);
    expect(kept.map(({ key, version }) => `${key}${version}`)).toEqual(['a2', 'c1', 'b2']);
  });

  test('is never older than what was copied before, and the same again where the broker may not have it', () => {
    const versions = new CopiedVersions(0n, -Infinity);
    versions.remember([copy('a', 5)], 0n);
    expect(versions.newestOf([copy('a', 4)])).toEqual([]);
    expect(versions.newestOf([copy('a', 5)])).toHaveLength(1);
    expect(versions.newestOf([copy('a', 6), copy('a', 5)]).map(({ version }) => version)).toEqual([6]);
  });

  test('whatever is delivered again, in whatever pieces: the last under each key is the newest', () => {
    const history = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), again: fc.nat(6) }), { maxLength: 60 });
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 7 }), (steps, batch) => {
        const log: StateCopy[] = [];
        const versions = new Map<string, number>();
        for (const { key, again } of steps) {
          versions.set(key, (versions.get(key) ?? 0) + 1);
          log.push(copy(key, versions.get(key) ?? 0), ...log.slice(log.length - again));
        }
        const copied = new CopiedVersions(0n, -Infinity);
        const last = new Map<string, number>();
        for (let from = 0; from < log.length; from += batch) {
          const kept = copied.newestOf(log.slice(from, from + batch));
          for (const { key, version } of kept) last.set(key, version);
          copied.remember(kept, 0n);
        }
        expect(last).toEqual(versions);
      }),
    );
  });

  test('is remembered up to a number of keys, those that changed last', () => {
    const versions = new CopiedVersions(0n, -Infinity, 2);
    versions.remember([copy('a', 2), copy('b', 2)], 0n);
    versions.remember([copy('a', 3), copy('c', 2)], 0n);
    expect(versions.newestOf([copy('b', 1)])).toHaveLength(1);
    expect(versions.newestOf([copy('a', 2), copy('c', 1)])).toEqual([]);
  });

  test('is in doubt where something newer may have been copied that is not known any more', () => {
    const versions = new CopiedVersions(0n, -Infinity, 1);
    versions.remember([copy('a', 2, 10_000)], 1n);
    expect(versions.doubtful([copy('b', 1, 0)])).toEqual([]);
    versions.remember([copy('b', 2, 11_000)], 2n);
    const [young, old, known] = [copy('c', 1, 15_000), copy('a', 1, 14_999), copy('b', 1, 0)];
    expect(versions.doubtful([young, old, known])).toEqual([old]);
  });

  test('is in doubt where it is not known what was copied before', () => {
    const versions = new CopiedVersions(7n, Infinity);
    expect(versions.doubtful([copy('a', 1, Date.now())])).toHaveLength(1);
    expect([7n, 8n].map((offset) => versions.continuesAt(offset))).toEqual([true, false]);
    versions.remember([copy('a', 1)], 8n);
    expect([8n, 9n].map((offset) => versions.continuesAt(offset))).toEqual([true, false]);
  });
});
