import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { holderOf, takeLock } from './lock-file.js';

/** Tells who has a folder that is to be used; the file that says so can be removed when it is wrong. */
export type LockedBy = (pid: number, file: string) => Error;

/**
 * Makes a folder this process's until the result is called: two servers on the same files would destroy them. What a
 * killed process left is taken over, and what a server of this process left. Throws what `lockedBy` makes.
 */
export function lockFolder(folder: string, lockedBy: LockedBy): () => void {
  const file = join(folder, 'server.pid');
  const holder = holderOf(file);
  if (holder && holder.pid !== process.pid) throw lockedBy(holder.pid, file);
  if (holder) rmSync(file, { force: true });
  const lock = takeLock(file);
  if (!lock) throw lockedBy(holderOf(file)?.pid ?? 0, file);
  return () => lock.release();
}
