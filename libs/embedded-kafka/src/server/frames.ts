import { discard } from './discard.js';
import { type FramePool, pooledFromBytes } from './frame-pool.js';

/** A client announced a frame beyond the limit, or one of negative length: its connection is closed. */
export class FrameSizeError extends Error {
  readonly code = 'EMBEDDED_KAFKA.FRAME_SIZE';
  override readonly name = 'FrameSizeError';
  constructor(readonly announcedBytes: number) {
    super(`a frame of ${announcedBytes} bytes is refused`);
  }
}

const lengthBytes = 4;

interface Chunk {
  readonly whole: Buffer;
  /** What has not been taken of it. */
  rest: Buffer;
  /** Whether a frame was given out that lies in it. */
  isShown: boolean;
}

/** Cuts a stream of bytes into frames. Nothing is allocated for a frame before its bytes are there. */
export class FrameSplitter {
  #chunks: Chunk[] = [];
  #buffered = 0;
  readonly #maxFrameBytes: number;
  readonly #pool: FramePool;

  constructor(maxFrameBytes: number, pool: FramePool) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#pool = pool;
  }

  /**
   * The frames that `chunk` completes, without their lengths: small ones are views into chunks; large ones, and those
   * that came in several, lie in the pool's memory. The chunk is the splitter's from now on. Throws FrameSizeError.
   */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunkOf(chunk));
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
    if (first !== undefined && first.rest.length >= lengthBytes) return first.rest.readInt32BE(0);
    const joined = Buffer.concat(this.#chunks.map(({ rest }) => rest));
    this.#chunks = [chunkOf(joined)];
    return joined.readInt32BE(0);
  }

  #take(length: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.rest.length >= length && length < pooledFromBytes) {
      const frame = first.rest.subarray(0, length);
      first.isShown = true;
      this.#skip(length);
      return frame;
    }
    const frame = this.#pool.take(length);
    for (let filled = 0; filled < length;) {
      const copied = this.#chunks[0]?.rest.copy(frame, filled) ?? 0;
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
    first.rest = first.rest.subarray(bytes);
    if (first.rest.length > 0) return;
    this.#chunks.shift();
    if (!first.isShown && first.whole.length >= pooledFromBytes) discard(first.whole);
  }
}

function chunkOf(whole: Buffer): Chunk {
  return { whole, rest: whole, isShown: false };
}
