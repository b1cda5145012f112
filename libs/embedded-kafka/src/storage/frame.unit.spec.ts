import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeFrame, encodeFrame, frameBytes, frameHeaderBytes } from './frame.js';
import { WriteBatch } from './write-batch.js';

const offset = fc.maxSafeNat();
const time = fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER });
const facts = fc.record({
  partitionId: fc.nat(),
  baseOffset: offset,
  lastOffset: offset,
  maxTimestamp: time,
  totalBytes: offset,
  maxTimestampSoFar: time,
});
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const key = fc.array(fc.oneof(fc.nat(), fc.string()), { minLength: 1, maxLength: 4 });
const value = fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.string(), bytes));
const write: fc.Arbitrary<(batch: WriteBatch) => void> = fc.oneof(
  fc.tuple(facts, bytes).map(
    ([one, content]) =>
      (made: WriteBatch) =>
        made.appendLog(one, content),
  ),
  fc.tuple(facts, bytes).map(
    ([one, content]) =>
      (made: WriteBatch) =>
        made.replaceLog(one, content),
  ),
  fc.tuple(fc.nat(), offset).map(
    ([id, base]) =>
      (made: WriteBatch) =>
        made.removeLog(id, base),
  ),
  fc.tuple(key, value).map(
    ([name, content]) =>
      (made: WriteBatch) =>
        made.putState(name, content),
  ),
  key.map((name) => (made: WriteBatch) => made.removeState(name)),
);
const batch = fc.array(write, { maxLength: 8 }).map((writes) => {
  const made = new WriteBatch();
  for (const put of writes) put(made);
  return made;
});
const sequence = fc.maxSafeNat();

describe('frame', () => {
  test('gives back what was written, and says where each batch begins', () => {
    fc.assert(
      fc.property(sequence, batch, (number, written) => {
        const encoded = encodeFrame(number, written);
        expect(frameBytes(encoded.bytes)).toBe(encoded.bytes.length);
        const frame = decodeFrame(encoded.bytes);
        expect(frame).toEqual(encoded.frame);
        expect(frame?.states).toEqual(written.writes.filter(({ kind }) => kind === 'state'));
        const batches = written.writes.flatMap((one) => ('batch' in one ? [one.batch.toString('hex')] : []));
        const read = (frame?.logs ?? []).flatMap((change) =>
          change.kind === 'remove'
            ? []
            : [encoded.bytes.subarray(change.start, change.start + change.bytes).toString('hex')],
        );
        expect(read).toEqual(batches);
      }),
    );
  });

  test('is refused when any part is missing or any bit differs', () => {
    fc.assert(
      fc.property(sequence, batch, fc.nat(), fc.integer({ min: 0, max: 7 }), (number, written, place, bit) => {
        const { bytes: whole } = encodeFrame(number, written);
        expect(decodeFrame(whole.subarray(0, place % whole.length))).toBeNull();
        const flipped = Buffer.from(whole);
        const at = place % whole.length;
        flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << bit), at);
        expect(decodeFrame(flipped)).toBeNull();
      }),
    );
  });

  test('is not seen where something else stands', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3 * frameHeaderBytes }), (noise) => {
        expect(decodeFrame(Buffer.from(noise))).toBeNull();
      }),
    );
  });
});
