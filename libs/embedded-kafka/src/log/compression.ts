import { gunzipSync, gzipSync } from 'node:zlib';
import { batchHeaderBytes, type BatchHeader } from './record-batch.js';
import { type LogRecord, readRecords } from './records.js';

export const Compression = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

/** A batch that unpacks to more than this is not unpacked: it would be a compression bomb. */
const maxUnpackedBytes = 128 * 1024 * 1024;

export const codecOf = (attributes: number): number => attributes & 0x07;

/**
 * The records of a batch, or null when its codec is one that Node cannot unpack (snappy, lz4, zstd).
 * Throws MalformedRecordsError or zlib's error when the content is broken.
 */
export function recordsOf(batch: Buffer, header: BatchHeader): LogRecord[] | null {
  const packed = batch.subarray(batchHeaderBytes);
  switch (codecOf(header.attributes)) {
    case Compression.none:
      return readRecords(packed, header.recordCount);
    case Compression.gzip:
      return readRecords(gunzipSync(packed, { maxOutputLength: maxUnpackedBytes }), header.recordCount);
    default:
      return null;
  }
}

/** The records' bytes packed as the batch's attributes say; only for codecs that `recordsOf` reads. */
export function pack(records: readonly LogRecord[], attributes: number): Buffer {
  const plain = Buffer.concat(records.map((record) => record.raw));
  return codecOf(attributes) === Compression.gzip ? gzipSync(plain) : plain;
}
