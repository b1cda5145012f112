/** Less is taken from the heap's own pages. */
export const pooledFromBytes = 16 * 1024;
const smallestBytes = 64 * 1024;
const largestBytes = 1024 * 1024;
const keptBytes = 8 * 1024 * 1024;

/**
 * Memory for large frames, used again and again: memory outside of the heap counts for the garbage collector, which
 * would otherwise go through the whole heap after every few dozen megabytes of records.
 */
export class FramePool {
  readonly #free = new Map<number, Buffer[]>();
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #freeBytes = 0;

  /** Exactly so many bytes, of any content. */
  take(bytes: number): Buffer {
    if (bytes < pooledFromBytes || bytes > largestBytes) return Buffer.allocUnsafe(bytes);
    const size = sizeFor(bytes);
    let whole = this.#free.get(size)?.pop();
    if (whole === undefined) whole = Buffer.allocUnsafeSlow(size);
    else this.#freeBytes -= size;
    this.#lent.add(whole.buffer);
    return whole.subarray(0, bytes);
  }

  /** Takes back what `take` gave, when nobody looks at it any more. Other buffers are left alone. */
  giveBack(frame: Buffer): void {
    const { buffer } = frame;
    if (!this.#lent.delete(buffer) || this.#freeBytes + buffer.byteLength > keptBytes) return;
    const whole = Buffer.from(buffer);
    const same = this.#free.get(whole.length);
    if (same === undefined) this.#free.set(whole.length, [whole]);
    else same.push(whole);
    this.#freeBytes += whole.length;
  }
}

/** The powers of two: few sizes, so that what is free fits. */
function sizeFor(bytes: number): number {
  let size = smallestBytes;
  while (size < bytes) size *= 2;
  return size;
}
