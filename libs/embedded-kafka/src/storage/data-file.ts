import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { StorageError } from '../errors.js';
import { decodeFrame, type Frame, frameBytes, frameHeaderBytes } from './frame.js';

/** In front of the frames: what the file is, the first sequence that may stand in it, and the CRC-32 of both. */
const mark = Buffer.from('GVKLOG2\n', 'latin1');
export const fileHeaderBytes = 20;

export function fileHeader(firstSequence: number): Buffer {
  const header = Buffer.alloc(fileHeaderBytes);
  mark.copy(header);
  header.writeDoubleBE(firstSequence, 8);
  header.writeUInt32BE(crc32(header.subarray(0, 16)), 16);
  return header;
}

/** Undefined where the file was begun, but never acknowledged anything. */
export function firstSequenceOf(header: Buffer): number | undefined {
  if (header.length < fileHeaderBytes || !header.subarray(0, 8).equals(mark)) return undefined;
  return crc32(header.subarray(0, 16)) === header.readUInt32BE(16) ? header.readDoubleBE(8) : undefined;
}

export interface PlacedFrame {
  readonly frame: Frame;
  readonly position: number;
}

/** An open data file. Only the last one is written to. */
export class DataFile {
  readonly fd: number;
  readonly firstSequence: number | undefined;
  /** Where the next frame goes. */
  end: number;
  /** Up to here the file system has its blocks: behind `end` there may be zeros. */
  allocated: number;

  constructor(
    readonly path: string,
    readonly number: number,
    flags: 'r+' | 'wx+',
  ) {
    this.fd = openSync(path, flags);
    this.end = fstatSync(this.fd).size;
    this.allocated = this.end;
    this.firstSequence = firstSequenceOf(this.#upTo(0, fileHeaderBytes));
  }

  /** Throws StorageError when that much is not there. */
  read(position: number, bytes: number): Buffer {
    const read = this.#upTo(position, bytes);
    if (read.length < bytes) throw new StorageError(`${this.path} ends before byte ${position + bytes}`);
    return read;
  }

  /** The frames from `position` on, up to the first that is not whole. */
  *frames(from: number): Generator<PlacedFrame> {
    for (let position = from; ;) {
      const frame = this.#frameAt(position);
      if (frame === null) return;
      yield { frame, position };
      position += frame.bytes;
    }
  }

  cutAt(position: number): void {
    if (fstatSync(this.fd).size > position) ftruncateSync(this.fd, position);
    this.end = position;
    this.allocated = position;
  }

  close(): void {
    closeSync(this.fd);
  }

  #frameAt(position: number): Frame | null {
    const bytes = frameBytes(this.#upTo(position, frameHeaderBytes));
    if (bytes === null || position + bytes > this.end) return null;
    return decodeFrame(this.#upTo(position, bytes));
  }

  #upTo(position: number, bytes: number): Buffer {
    const buffer = Buffer.allocUnsafe(bytes);
    let length = 0;
    while (length < bytes) {
      const count = readSync(this.fd, buffer, length, bytes - length, position + length);
      if (count === 0) break;
      length += count;
    }
    return buffer.subarray(0, length);
  }
}
