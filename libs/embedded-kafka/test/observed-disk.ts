import { type Disk, nodeDisk } from '../src/storage/disk.js';

export interface DiskHooks {
  /** Before a write; throws to let it fail. */
  readonly writing?: (file: number, bytes: Buffer, position: number) => void;
  /** After a write and before its flush, which fails when this throws. */
  readonly flushing?: (file: number) => void;
  readonly flushed?: () => void;
}

/** The real disk, with a look at every step, whichever thread takes it. */
export function observedDisk({ writing, flushing, flushed }: DiskHooks): Disk {
  return {
    writeSync(file, bytes, position) {
      writing?.(file, bytes, position);
      nodeDisk.writeSync(file, bytes, position);
    },
    flushSync(file) {
      flushing?.(file);
      nodeDisk.flushSync(file);
      flushed?.();
    },
    async write(file, bytes, position) {
      writing?.(file, bytes, position);
      await nodeDisk.write(file, bytes, position);
    },
    async flush(file) {
      flushing?.(file);
      await nodeDisk.flush(file);
      flushed?.();
    },
  };
}

/** Leaves half of a frame at most, as a write that was cut off. */
export function writeHalf(file: number, bytes: Buffer, position: number): void {
  nodeDisk.writeSync(file, bytes.subarray(0, Math.min(bytes.length >> 1, 60)), position);
}
