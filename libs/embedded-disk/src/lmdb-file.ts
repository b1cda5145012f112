import { closeSync, existsSync, openSync, readSync } from 'node:fs';

/** Where the first meta page of an LMDB file has its magic number, little-endian. */
const magicAt = 24;
const magic = 0xbeefc0de;

/** Whether a file is not there, still empty, or LMDB's. lmdb 3.5 does not refuse other files: it crashes the process. */
export function isNewOrLmdbFile(path: string): boolean {
  if (!existsSync(path)) return true;
  const start = Buffer.alloc(magicAt + 4);
  const file = openSync(path, 'r');
  try {
    const length = readSync(file, start);
    return length === 0 || start.readUInt32LE(magicAt) === magic;
  } finally {
    closeSync(file);
  }
}
