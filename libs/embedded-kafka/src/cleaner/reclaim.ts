import type { LogEntry } from '../storage/log-entry.js';
import type { CleanerParts } from './cleaner-parts.js';

type Parts = Pick<CleanerParts, 'storage' | 'commits' | 'signal'>;

/** What is moved in one commit, so that producers do not wait for the cleaner. */
const portionBytes = 512 * 1024;
/** What is looked through in one turn of the event loop. */
const commitsAtOnce = 500;

/**
 * Gives the space of removed batches back to the disk: deletes the data files in which nothing is needed, and moves
 * what is needed out of those that hold little of it. To be run when nobody else removes or replaces batches.
 */
export async function reclaim(parts: Parts): Promise<void> {
  const { storage } = parts;
  await storage.settle();
  storage.removeDeadFiles();
  const files = storage.sparseFiles();
  if (files.length === 0) return;
  for (const file of files) await empty(parts, file);
  await storage.settle();
  storage.removeDeadFiles();
}

/** A stop in between leaves some batches here and some there, each of them once in the index. */
async function empty(parts: Parts, file: number): Promise<void> {
  let portion: LogEntry[] = [];
  let bytes = 0;
  let seen = 0;
  for (const entries of parts.storage.liveIn(file)) {
    for (const entry of entries) {
      portion.push(entry);
      bytes += entry.place.bytes;
    }
    seen += 1;
    if (bytes < portionBytes && seen < commitsAtOnce) continue;
    await move(parts, portion);
    portion = [];
    bytes = seen = 0;
  }
  await move(parts, portion);
}

async function move({ storage, commits, signal }: Parts, entries: readonly LogEntry[]): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
  if (entries.length === 0) return;
  await commits.submit((writes) => {
    for (const { entry, batch } of storage.read(entries)) writes.moveLog(entry, batch);
    return { result: undefined };
  });
}
