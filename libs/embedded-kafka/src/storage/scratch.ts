const firstBytes = 64 * 1024;
const largestBytes = 2 * 1024 * 1024;

/** Memory for one frame at a time: a new piece for each would call the garbage collector every few dozen megabytes. */
export class Scratch {
  #memory = Buffer.allocUnsafeSlow(firstBytes);

  /** So many bytes, of any content; whoever had the last ones is done with them. */
  take(bytes: number): Buffer {
    if (bytes > largestBytes) return Buffer.allocUnsafe(bytes);
    let size = this.#memory.length;
    while (size < bytes) size *= 2;
    if (size > this.#memory.length) this.#memory = Buffer.allocUnsafeSlow(size);
    return this.#memory.subarray(0, bytes);
  }
}
