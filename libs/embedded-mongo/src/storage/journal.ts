import { closeSync, constants, fdatasyncSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { HEADER_BYTES } from './changes.js';

/** The file grows by this, so that most flushes have no change of its size to write. */
const EXTENT_BYTES = 2 ** 20;
const ID_AT = 8;
const SEQUENCE_AT = 16;
export const ID_BYTES = 8;

/** What one commit wrote. */
export interface Batch {
  sequence: number;
  /** Header and changes. */
  bytes: Buffer;
}

/**
 * Batches of changes, each flushed when `append` returns: length, CRC-32 of all that follows, id of the database,
 * sequence number, changes. The file is written again from its beginning once the database holds what is in it. A batch
 * counts when its checksum is right and its number is the next one, so neither a torn one nor an old one behind the
 * last is ever read.
 */
export class Journal {
  private position = 0;
  private size: number;

  private constructor(private readonly file: number) {
    this.size = fstatSync(file).size;
  }

  static open(path: string): Journal {
    return new Journal(openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600));
  }

  /** Bytes since the beginning was last written. */
  get length(): number {
    return this.position;
  }

  /** The batches of these sequence numbers, as far as there are; what is appended next comes behind them. */
  *read(id: Buffer, after: number, last: number): Generator<Batch> {
    this.position = 0;
    for (let sequence = after + 1; sequence <= last; sequence++) {
      const bytes = this.readBatch(id, sequence);
      if (bytes === undefined) return;
      this.position += bytes.length;
      yield { sequence, bytes };
    }
  }

  private readBatch(id: Buffer, sequence: number): Buffer | undefined {
    const header = this.readBytes(HEADER_BYTES);
    if (header === undefined) return undefined;
    const length = header.readUInt32LE(0);
    const isNext = header.subarray(ID_AT, SEQUENCE_AT).equals(id) && header.readDoubleLE(SEQUENCE_AT) === sequence;
    if (!isNext || length < HEADER_BYTES || length > this.size - this.position) return undefined;
    const bytes = this.readBytes(length);
    return bytes && crc32(bytes.subarray(ID_AT)) === bytes.readUInt32LE(4) ? bytes : undefined;
  }

  private readBytes(length: number): Buffer | undefined {
    const bytes = Buffer.alloc(length);
    let read = 0;
    while (read < length) {
      const count = readSync(this.file, bytes, read, length - read, this.position + read);
      if (count === 0) return undefined;
      read += count;
    }
    return bytes;
  }

  /** Writes the header into the batch, and the batch to the disk. A batch that fails is written over by the next. */
  append(id: Buffer, sequence: number, batch: Buffer): void {
    batch.writeUInt32LE(batch.length, 0);
    id.copy(batch, ID_AT);
    batch.writeDoubleLE(sequence, SEQUENCE_AT);
    batch.writeUInt32LE(crc32(batch.subarray(ID_AT)), 4);
    const end = this.position + batch.length;
    if (end > this.size) this.extend(Math.ceil(end / EXTENT_BYTES) * EXTENT_BYTES);
    this.write(batch, this.position);
    fdatasyncSync(this.file);
    this.position = end;
  }

  private extend(size: number): void {
    this.write(Buffer.alloc(size - this.size), this.size);
    this.size = size;
  }

  private write(bytes: Buffer, position: number): void {
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.file, bytes, written, bytes.length - written, position + written);
    }
  }

  /** The database holds what the journal does: its space is used again. */
  restart(): void {
    this.position = 0;
  }

  /**
   * A batch whose flush failed should not be found at the next start. On a disk that fails again it may be: the write
   * was not acknowledged, and its outcome is open.
   */
  discardUnflushed(): void {
    try {
      this.write(Buffer.alloc(HEADER_BYTES), this.position);
    } catch {
      // As said.
    }
  }

  close(): void {
    closeSync(this.file);
  }
}
