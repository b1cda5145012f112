/** Room at the beginning of a batch for what the journal writes there. */
export const HEADER_BYTES = 24;
/** Changes beyond this are not noted any more: they are committed to the file at once, which is as fast. */
const MAX_BYTES = 256 * 1_024;
const FIRST_BYTES = 16 * 1_024;
const ENTRY_BYTES = 9;
const REMOVED = 0xffffffff;

/** One change of a table; no value: the key was removed. */
export interface Change {
  table: number;
  key: Buffer;
  value: Buffer | undefined;
}

/** The changes since the last commit, in the form in which the journal keeps them. */
export class Changes {
  private bytes = Buffer.allocUnsafe(FIRST_BYTES);
  private length = HEADER_BYTES;
  /** There are more than a batch may hold. */
  isLarge = false;
  /** A change that the file refused: nothing since the last commit may be kept. */
  failure: Error | undefined;

  get isEmpty(): boolean {
    return this.length === HEADER_BYTES && !this.isLarge;
  }

  add(table: number, key: Buffer, value: Buffer | undefined): void {
    const size = ENTRY_BYTES + key.length + (value?.length ?? 0);
    if (this.isLarge || this.length + size > MAX_BYTES) {
      this.isLarge = true;
      return;
    }
    this.reserve(size);
    const { bytes } = this;
    bytes[this.length] = table;
    bytes.writeUInt32LE(key.length, this.length + 1);
    bytes.writeUInt32LE(value ? value.length : REMOVED, this.length + 5);
    bytes.set(key, this.length + ENTRY_BYTES);
    if (value) bytes.set(value, this.length + ENTRY_BYTES + key.length);
    this.length += size;
  }

  private reserve(size: number): void {
    if (this.length + size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + size));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** Header and changes; valid until the next change. */
  get batch(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = HEADER_BYTES;
    this.isLarge = false;
    this.failure = undefined;
  }
}

/** The changes of a batch in the order in which they were made. */
export function* readChanges(batch: Buffer): Generator<Change> {
  for (let at = HEADER_BYTES; at < batch.length;) {
    const table = batch.readUInt8(at);
    const valueAt = at + ENTRY_BYTES + batch.readUInt32LE(at + 1);
    const size = batch.readUInt32LE(at + 5);
    const key = batch.subarray(at + ENTRY_BYTES, valueAt);
    at = size === REMOVED ? valueAt : valueAt + size;
    yield { table, key, value: size === REMOVED ? undefined : batch.subarray(valueAt, at) };
  }
}
