import { readFileSync } from 'node:fs';
import { DataLockedError } from '../errors.js';
import type { Storage } from './storage.js';

interface Owner {
  readonly pid: number;
  /** Tells a process from a later one with the same id; empty where the system does not say. */
  readonly startedAt: string;
}

const ownerKey = ['meta', 'owner'] as const;

/**
 * Marks the data as this process's until the result is called. A mark that a killed process left behind does not count.
 * Throws DataLockedError. Brokers of one process are told apart by `startEmbeddedKafka`.
 */
export function claimData(storage: Storage, dataDir: string): () => void {
  storage.exchangeState<Owner>(ownerKey, (owner) => {
    if (owner !== undefined && owner.pid !== process.pid && isAlive(owner)) {
      throw new DataLockedError(dataDir, owner.pid);
    }
    return { pid: process.pid, startedAt: startOf(process.pid) };
  });
  return () => storage.dropState(ownerKey);
}

function isAlive({ pid, startedAt }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, but somebody else's.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return startOf(pid) === startedAt;
}

/** The process's start in the kernel's ticks (proc(5), field 22), which stands 20th behind the name in brackets. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
