import { readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { contentsOf, writeStamp, type DataFolder } from './data-folder.js';
import { DataFolderError, InUseError } from './data-folder.errors.js';
import { OWN_ENTRIES, readStamp, STAMP_FILE } from './data-folder.policy.js';
import { holderOf } from '#embedded-disk';

/** What a reset would delete. */
export interface ResetPlan {
  readonly names: readonly string[];
  readonly bytes: number;
}

/** Undefined when there is nothing. Errors: DataFolderError for a folder that is not Grapevine's, InUseError. */
export function planReset(folder: DataFolder): ResetPlan | undefined {
  const { dir } = folder;
  if (!statSync(dir, { throwIfNoEntry: false })) return undefined;
  const { entries, stamp } = contentsOf(dir);
  if (stamp === undefined) {
    if (entries.length === 0) return undefined;
    throw new DataFolderError(`${dir} is no data folder of Grapevine: it has no ${STAMP_FILE}. Nothing was deleted.`);
  }
  readStamp(dir, stamp);
  const holder = holderOf(folder.path('platform.lock')) ?? holderOf(folder.path('servers.lock'));
  if (holder) throw new InUseError(`Process ${holder.pid} runs on ${dir}. Stop it first.`);
  return { names: entries.filter(isOwn), bytes: sizeOf(dir) };
}

/** Drafts of own files, left by a process that was killed, count too. */
const isOwn = (name: string): boolean =>
  OWN_ENTRIES.some((own) => name === own || (name.startsWith(`${own}.`) && /\.\d+(\.\w+)?$/.test(name)));

/** Deletes what Grapevine put there and nothing else. Where it is cut off, nobody takes the rest for whole. */
export function reset({ dir }: DataFolder, { names }: ResetPlan): void {
  const { stamp } = contentsOf(dir);
  if (stamp !== undefined) writeStamp(dir, { ...readStamp(dir, stamp), deleting: true });
  for (const name of names) rmSync(join(dir, name), { recursive: true, force: true });
  rmSync(join(dir, STAMP_FILE), { force: true });
  if (readdirSync(dir).length === 0) rmdirSync(dir);
}

function sizeOf(dir: string): number {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).blocks * 512, 0);
}
