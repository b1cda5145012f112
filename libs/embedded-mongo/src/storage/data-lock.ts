import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataLockedError } from './store.errors.js';

/**
 * One server per folder: two would not see each other's catalog. A number left by a killed process is taken over; so is
 * our own, which in a container is another run's.
 */
export function lockFolder(dataDir: string): () => void {
  const file = join(dataDir, 'server.pid');
  const holder = readPid(file);
  if (holder !== undefined && holder !== process.pid && isAlive(holder)) throw new DataLockedError(holder);
  writeFileSync(file, String(process.pid));
  return () => rmSync(file, { force: true });
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
