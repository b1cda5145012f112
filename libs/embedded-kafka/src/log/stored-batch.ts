/**
 * A batch as it is stored: 16 bytes in front, then the batch as it goes over the wire.
 * - bytes appended to the partition up to and with this batch, so that its size is known without reading it;
 * - the largest timestamp so far, which grows with the offset, so that a time is found by binary search.
 */
const prefixBytes = 16;

export function storedBatch(batch: Buffer, totalBytes: number, maxTimestampSoFar: number): Buffer {
  const stored = Buffer.allocUnsafeSlow(prefixBytes + batch.length);
  stored.writeDoubleBE(totalBytes, 0);
  stored.writeDoubleBE(maxTimestampSoFar, 8);
  batch.copy(stored, prefixBytes);
  return stored;
}

export const batchOf = (stored: Buffer): Buffer => stored.subarray(prefixBytes);
export const totalBytesOf = (stored: Buffer): number => stored.readDoubleBE(0);
export const maxTimestampSoFarOf = (stored: Buffer): number => stored.readDoubleBE(8);
