import type { FramePool } from './frame-pool.js';

/** A client announced a frame beyond the limit, or one of negative length: its connection is closed. */
export class FrameSizeError extends Error {
  readonly code = 'EMBEDDED_KAFKA.FRAME_SIZE';
  override readonly name = 'FrameSizeError';
  constructor(readonly announcedBytes: number) {
    super(`a frame of ${announcedBytes} bytes is refused`);
  }
}

const lengthBytes = 4;

/** Cuts a stream of bytes into frames. Nothing is allocated for a frame before its bytes are there. */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  #buffered = 0;
  readonly #maxFrameBytes: number;
  readonly #pool: FramePool;

  constructor(maxFrameBytes: number, pool: FramePool) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#pool = pool;
  }

  /**
   * The frames that `chunk` completes, without their lengths: views into chunks, but those that came in several, which
   * lie in the pool's memory. Throws FrameSizeError.
   */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const frames: Buffer[] = [];
    for (let frame = this.#next(); frame !== null; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Buffer | null {
    if (this.#buffered < lengthBytes) return null;
    const length = this.#announced();
    if (length < 0 || length > this.#maxFrameBytes) throw new FrameSizeError(length);
    if (this.#buffered < lengthBytes + length) return null;
    this.#skip(lengthBytes);
    return this.#take(length);
  }

  #announced(): number {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= lengthBytes) return first.readInt32BE(0);
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined.readInt32BE(0);
  }

  #take(length: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= length) {
      this.#skip(length);
      return first.subarray(0, length);
    }
    const frame = this.#pool.take(length);
    for (let filled = 0; filled < length;) {
      const copied = this.#chunks[0]?.copy(frame, filled) ?? 0;
      this.#skip(copied);
      filled += copied;
    }
    return frame;
  }

  /** Forgets bytes of the first chunk. */
  #skip(bytes: number): void {
    const [first] = this.#chunks;
    if (first === undefined) return;
    this.#buffered -= bytes;
    if (bytes < first.length) this.#chunks[0] = first.subarray(bytes);
    else this.#chunks.shift();
  }
}
