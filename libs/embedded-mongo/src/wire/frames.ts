const HEADER_BYTES = 16;

/** The largest message that hello announces. */
export const MAX_MESSAGE_BYTES = 48_000_000;

/** A client announced a message beyond the limit, or one shorter than its header: its connection is closed. */
export class MessageSizeError extends Error {
  constructor(readonly announcedBytes: number) {
    super(`a message of ${announcedBytes} bytes is refused`);
    this.name = 'MessageSizeError';
  }
}

/** Cuts a stream of bytes into messages. Nothing is allocated for a message before its bytes are there. */
export class MessageSplitter {
  private chunks: Buffer[] = [];
  private buffered = 0;

  /** The messages that the chunk completes. Throws MessageSizeError. */
  push(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    const messages: Buffer[] = [];
    for (let message = this.next(); message !== undefined; message = this.next()) messages.push(message);
    return messages;
  }

  private next(): Buffer | undefined {
    if (this.buffered < 4) return undefined;
    const length = this.join(4).readInt32LE(0);
    if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES) throw new MessageSizeError(length);
    if (this.buffered < length) return undefined;
    const bytes = this.join(length);
    this.chunks = [bytes.subarray(length), ...this.chunks.slice(1)].filter((rest) => rest.length > 0);
    this.buffered -= length;
    return bytes.subarray(0, length);
  }

  /** The first bytes in one buffer; copies only when a message came in pieces. */
  private join(wanted: number): Buffer {
    const [first] = this.chunks;
    if (first !== undefined && first.length >= wanted) return first;
    const all = Buffer.concat(this.chunks);
    this.chunks = [all];
    return all;
  }
}
