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

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** The frames that `chunk` completes, without their lengths. Throws FrameSizeError. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const frames: Buffer[] = [];
    for (let frame = this.#next(); frame !== null; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Buffer | null {
    if (this.#buffered < lengthBytes) return null;
    const length = this.#peek(lengthBytes).readInt32BE(0);
    if (length < 0 || length > this.#maxFrameBytes) throw new FrameSizeError(length);
    if (this.#buffered < lengthBytes + length) return null;
    const bytes = this.#peek(lengthBytes + length);
    this.#chunks = bytes.length > lengthBytes + length ? [bytes.subarray(lengthBytes + length)] : [];
    this.#buffered -= lengthBytes + length;
    return bytes.subarray(lengthBytes, lengthBytes + length);
  }

  /** The buffered bytes as one buffer of at least `wanted` bytes; joins chunks only when it must. */
  #peek(wanted: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= wanted) {
      if (this.#chunks.length > 1 && wanted > lengthBytes) this.#chunks = [Buffer.concat(this.#chunks)];
      return this.#chunks[0] ?? first;
    }
    this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }
}
