import { fdatasync, fdatasyncSync, write, writeSync } from 'node:fs';

/** The two calls on which durability rests, at once or in another thread; tests let them fail. */
export interface Disk {
  writeSync(file: number, bytes: Buffer, position: number): void;
  flushSync(file: number): void;
  write(file: number, bytes: Buffer, position: number): Promise<void>;
  flush(file: number): Promise<void>;
}

export const nodeDisk: Disk = {
  writeSync(file, bytes, position) {
    let written = 0;
    while (written < bytes.length) {
      written += writeSync(file, bytes, written, bytes.length - written, position + written);
    }
  },
  flushSync: fdatasyncSync,
  async write(file, bytes, position) {
    let written = 0;
    while (written < bytes.length) written += await writeSome(file, bytes.subarray(written), position + written);
  },
  flush: (file) =>
    new Promise((resolve, reject) => {
      fdatasync(file, (error) => (error === null ? resolve() : reject(error)));
    }),
};

function writeSome(file: number, bytes: Buffer, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(file, bytes, 0, bytes.length, position, (error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
