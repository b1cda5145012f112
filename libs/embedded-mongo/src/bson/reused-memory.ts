const LEAST_BYTES = 64 * 1_024;
/** What is larger is rare, and would be held for ever. */
const MOST_BYTES = 2 ** 20;

/**
 * A piece of memory that is used again and again. Memory of buffers lies outside of V8's heap: of what is large and short-lived
 * so much comes together between two of its small collections that it begins a large one, of some milliseconds.
 */
export class ReusedMemory {
  private spare: Buffer | undefined;

  /** At least so many bytes. */
  take(size: number): Buffer {
    const { spare } = this;
    if (spare && spare.length >= size) {
      this.spare = undefined;
      return spare;
    }
    return Buffer.allocUnsafeSlow(Math.max(size, LEAST_BYTES));
  }

  /** A buffer, or a part of it, that was taken and that nobody looks at any more. */
  giveBack(bytes: Buffer): void {
    if (bytes.buffer.byteLength > MOST_BYTES || bytes.buffer.byteLength < (this.spare?.length ?? LEAST_BYTES)) return;
    this.spare = Buffer.from(bytes.buffer);
  }
}
