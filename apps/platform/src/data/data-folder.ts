import { mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DATA_FORMAT, judgeFolder, STAMP_FILE, type FolderContents, type Stamp } from './data-folder.policy.js';
import { readIfThere, writeWhole } from '#embedded-disk';

/** A folder that is Grapevine's, of this version. */
export interface DataFolder {
  readonly dir: string;
  path(name: string): string;
}

/** Makes the folder where it is missing. Errors: DataFolderError; what the file system says. */
export function openDataFolder(dataDir: string, now: Date): DataFolder {
  const dir = resolve(dataDir);
  mkdirSync(dir, { recursive: true });
  if (judgeFolder(dir, contentsOf(dir)) === 'create') {
    writeStamp(dir, { format: DATA_FORMAT, createdAt: now.toISOString() });
  }
  return findDataFolder(dir);
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
