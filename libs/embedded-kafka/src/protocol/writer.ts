const initialCapacity = 256;
/** Blobs from this size on are passed to the socket as they are instead of being copied. */
const zeroCopyFrom = 1024;

/** Writes Kafka's primitive types; the result is a list of chunks, so that record batches are not copied. */
export class Writer {
  /** Whether lengths and tagged fields stand as in flexible versions (KIP-482). */
  isFlexible = false;
  readonly #chunks: Buffer[] = [];
  #chunkBytes = 0;
  #buffer = Buffer.allocUnsafe(initialCapacity);
  #position = 0;

  get length(): number {
    return this.#chunkBytes + this.#position;
  }

  int8(value: number): void {
    this.#reserve(1);
    this.#position = this.#buffer.writeInt8(value, this.#position);
  }

  int16(value: number): void {
    this.#reserve(2);
    this.#position = this.#buffer.writeInt16BE(value, this.#position);
  }

  int32(value: number): void {
    this.#reserve(4);
    this.#position = this.#buffer.writeInt32BE(value, this.#position);
  }

  int64(value: number): void {
    this.#reserve(8);
    this.#position = this.#buffer.writeInt32BE(Math.floor(value / 0x1_0000_0000), this.#position);
    this.#position = this.#buffer.writeUInt32BE(value >>> 0, this.#position);
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#position = this.#buffer.writeDoubleBE(value, this.#position);
  }

  unsignedVarint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#byte((rest % 0x80) | 0x80);
    this.#byte(rest);
  }

  nullableString(value: string | null): void {
    const length = value === null ? -1 : Buffer.byteLength(value);
    if (this.isFlexible) this.unsignedVarint(length + 1);
    else this.int16(length);
    if (value === null) return;
    this.#reserve(length);
    this.#position += this.#buffer.write(value, this.#position);
  }

  nullableBytes(value: Buffer | null): void {
    this.lengthOf(value === null ? -1 : value.length);
    if (value !== null) this.raw(value);
  }

  /** The length of an array or of bytes, -1 for null. */
  lengthOf(length: number): void {
    if (this.isFlexible) this.unsignedVarint(length + 1);
    else this.int32(length);
  }

  /** This broker has no tagged fields to add. */
  noTaggedFields(): void {
    this.#byte(0);
  }

  raw(value: Buffer): void {
    if (value.length >= zeroCopyFrom) {
      this.#cut();
      this.#chunks.push(value);
      this.#chunkBytes += value.length;
      return;
    }
    this.#reserve(value.length);
    this.#position += value.copy(this.#buffer, this.#position);
  }

  /** The chunks in order; the writer is used up. */
  finish(): Buffer[] {
    this.#cut();
    return this.#chunks;
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#position = this.#buffer.writeUInt8(value, this.#position);
  }

  #cut(): void {
    if (this.#position === 0) return;
    this.#chunks.push(this.#buffer.subarray(0, this.#position));
    this.#chunkBytes += this.#position;
    this.#buffer = Buffer.allocUnsafe(initialCapacity);
    this.#position = 0;
  }

  #reserve(length: number): void {
    if (this.#position + length <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#position + length));
    this.#buffer.copy(grown, 0, 0, this.#position);
    this.#buffer = grown;
  }
}
