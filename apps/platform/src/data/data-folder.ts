import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DATA_FORMAT, judgeFolder, STAMP_FILE, type FolderContents, type Stamp } from './data-folder.policy.js';
import { codeOf, readIfThere, writeWhole } from '#embedded-disk';

/** A folder that is Grapevine's, of this version. */
export interface DataFolder {
  readonly dir: string;
  path(name: string): string;
}

/** Makes the folder where it is missing. Errors: DataFolderError; what the file system says. */
export function openDataFolder(dataDir: string, now: Date): DataFolder {
  const dir = resolve(dataDir);
  makeFolder(dir);
  if (judgeFolder(dir, contentsOf(dir)) === 'create') {
    writeStamp(dir, { format: DATA_FORMAT, createdAt: now.toISOString() });
  }
  return findDataFolder(dir);
}

/** Node.js 20's own `recursive` never ends where no folder can be made, as in /proc: it takes that for a missing parent. */
function makeFolder(dir: string): void {
  if (existsSync(dir)) return;
  const parent = dirname(dir);
  if (parent !== dir) makeFolder(parent);
  try {
    mkdirSync(dir);
  } catch (error) {
    // Somebody else was quicker.
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** For looking only: it need not be there. */
export function findDataFolder(dataDir: string): DataFolder {
  const dir = resolve(dataDir);
  return { dir, path: (name) => join(dir, name) };
}

/** Errors: what the file system says. */
export const contentsOf = (dir: string): FolderContents => ({
  entries: readdirSync(dir),
  stamp: readIfThere(join(dir, STAMP_FILE)),
});

export const writeStamp = (dir: string, stamp: Stamp): void =>
  writeWhole(join(dir, STAMP_FILE), `${JSON.stringify(stamp)}\n`);
