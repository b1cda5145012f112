/** A request that does not follow the protocol: the connection that sent it is closed. */
export class MalformedRequestError extends Error {
  readonly code = 'EMBEDDED_KAFKA.MALFORMED_REQUEST';
  override readonly name = 'MalformedRequestError';
}

/** Reads Kafka's primitive types from one frame. Every read is bounded by the frame. */
export class Reader {
  /** Whether lengths and tagged fields stand as in flexible versions (KIP-482). */
  isFlexible = false;
  #position = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#advance(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#advance(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#advance(4));
  }

  /** Exact up to 2^53, which offsets, timestamps and producer ids stay below. */
  int64(): number {
    const at = this.#advance(8);
    return this.#bytes.readInt32BE(at) * 0x1_0000_0000 + this.#bytes.readUInt32BE(at + 4);
  }

  float64(): number {
    return this.#bytes.readDoubleBE(this.#advance(8));
  }

  /** Up to 32 bits, seven a byte, the lowest first. */
  unsignedVarint(): number {
    let value = 0;
    for (let factor = 1; factor <= 0x1000_0000; factor *= 0x80) {
      const byte = this.int8() & 0xff;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new MalformedRequestError('a number has more than five bytes');
  }

  nullableString(): string | null {
    const length = this.isFlexible ? this.unsignedVarint() - 1 : this.int16();
    if (length < 0) return null;
    const start = this.#advance(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  /** A view into the frame, not a copy. */
  nullableBytes(): Buffer | null {
    const length = this.#length();
    if (length < 0) return null;
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** A view of that many bytes. */
  raw(length: number): Buffer {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** The length of an array, -1 for null. Refused when the frame cannot hold that many elements. */
  arrayLength(): number {
    const length = this.#length();
    if (length > this.remaining) throw new MalformedRequestError(`an array of ${length} elements is beyond the frame`);
    return length < 0 ? -1 : length;
  }

  /** Fields that clients may add without a new version; this broker needs none of them. */
  skipTaggedFields(): void {
    for (let left = this.unsignedVarint(); left > 0; left -= 1) {
      this.unsignedVarint();
      this.#advance(this.unsignedVarint());
    }
  }

  #length(): number {
    return this.isFlexible ? this.unsignedVarint() - 1 : this.int32();
  }

  #advance(length: number): number {
    const start = this.#position;
    if (length > this.remaining) {
      throw new MalformedRequestError(`${length} bytes wanted at ${start}, the frame has ${this.#bytes.length}`);
    }
    this.#position = start + length;
    return start;
  }
}
