import { gunzipSync, gzipSync } from 'node:zlib';
import { Decompress } from 'fzstd';
import { decompress, decompressBound } from 'lz4js';
import { uncompress } from 'snappyjs';
import { batchHeaderBytes, type BatchHeader } from './record-batch.js';
import { type LogRecord, readRecords } from './records.js';

export const Compression = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
const codecBits = 0x07;

/** A batch that unpacks to more than this is not unpacked: it would be a compression bomb. */
const maxUnpackedBytes = 128 * 1024 * 1024;

export const codecOf = (attributes: number): number => attributes & codecBits;

/** The records of a batch. Throws MalformedRecordsError or the codec's own error when the content is broken. */
export function recordsOf(batch: Buffer, header: BatchHeader): LogRecord[] {
  return readRecords(unpacked(batch.subarray(batchHeaderBytes), codecOf(header.attributes)), header.recordCount);
}

function unpacked(packed: Buffer, codec: number): Buffer {
  switch (codec) {
    case Compression.none:
      return packed;
    case Compression.gzip:
      return gunzipSync(packed, { maxOutputLength: maxUnpackedBytes });
    case Compression.snappy:
      return unpackSnappy(packed);
    case Compression.lz4:
      return unpackLz4(packed);
    case Compression.zstd:
      return unpackZstd(packed);
    default:
      throw new RangeError(`${codec} is no codec`);
  }
}

/** snappy-java's own frame: a header of 16 bytes, then blocks, each with its length before it. Others send one block. */
const snappyFrame = Buffer.from('\x82SNAPPY\0', 'latin1');
const snappyFrameHeaderBytes = 16;

function unpackSnappy(packed: Buffer): Buffer {
  if (!packed.subarray(0, snappyFrame.length).equals(snappyFrame)) return uncompress(packed, maxUnpackedBytes);
  const blocks: Buffer[] = [];
  let left = maxUnpackedBytes;
  for (let at = snappyFrameHeaderBytes; at < packed.length;) {
    const start = at + 4;
    at = start + packed.readUInt32BE(at);
    const block = uncompress(packed.subarray(start, at), left);
    left -= block.length;
    blocks.push(block);
  }
  return Buffer.concat(blocks);
}

function unpackLz4(packed: Buffer): Buffer {
  // A number, whatever its type says.
  if (Number(decompressBound(packed)) > maxUnpackedBytes) throw tooLarge();
  return Buffer.from(decompress(packed));
}

function unpackZstd(packed: Buffer): Buffer {
  const chunks: Uint8Array[] = [];
  let left = maxUnpackedBytes;
  const stream = new Decompress((chunk) => {
    left -= chunk.length;
    if (left < 0) throw tooLarge();
    chunks.push(chunk);
  });
  stream.push(packed, true);
  return Buffer.concat(chunks);
}

const tooLarge = (): RangeError => new RangeError(`a batch unpacks to more than ${maxUnpackedBytes} bytes`);

/** The records' bytes, packed by gzip where they had been packed by any codec: the one that Node has, and all clients read. */
export function pack(records: readonly LogRecord[], attributes: number): { packed: Buffer; attributes: number } {
  const plain = Buffer.concat(records.map((record) => record.raw));
  if (codecOf(attributes) === Compression.none) return { packed: plain, attributes };
  return { packed: gzipSync(plain), attributes: (attributes & ~codecBits) | Compression.gzip };
}
