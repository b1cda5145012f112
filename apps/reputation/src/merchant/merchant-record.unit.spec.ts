import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { starCounts } from '../rating/rating.js';
import { laterRecord, type MerchantRecord } from './merchant-record.repository.js';

const count = fc.nat(1_000);
const records: fc.Arbitrary<MerchantRecord> = fc.record({
  delivered: count,
  cancelledByMerchant: count,
  stars: fc.tuple(count, count, count, count, count),
});
const add = (one: MerchantRecord, other: MerchantRecord): MerchantRecord => ({
  delivered: one.delivered + other.delivered,
  cancelledByMerchant: one.cancelledByMerchant + other.cancelledByMerchant,
  stars: starCounts(one.stars.map((n, index) => [index + 1, n + (other.stars[index] ?? 0)] as const)),
});

test('of counts of one merchant the latest stays, in whatever order they come to be written', () => {
  const property = fc.property(records, fc.array(records, { maxLength: 5 }), (first, steps) => {
    const counts = [first];
    for (const step of steps) counts.push(add(counts.at(-1) ?? first, step));
    const written = [...counts.slice(1), ...counts].toReversed().reduce(laterRecord);
    expect(written).toEqual(counts.at(-1));
  });
  fc.assert(property);
});
