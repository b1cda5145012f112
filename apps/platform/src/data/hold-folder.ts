import type { DataFolder } from './data-folder.js';
import { InUseError } from './data-folder.errors.js';
import { holderOf, takeLock, type LockFile } from '#embedded-disk';
import { readRuntime } from './runtime-file.js';

const LOCK = 'platform.lock';

/** Keeps other processes from running Grapevine on the folder. Errors: InUseError, which says where it runs. */
export function holdFolder(folder: DataFolder): LockFile {
  const lock = takeLock(folder.path(LOCK));
  if (lock) return lock;
  const { pid } = holderOf(folder.path(LOCK)) ?? {};
  const url = readRuntime(folder)?.url;
  throw new InUseError(
    `Grapevine already runs on ${folder.dir}: process ${pid ?? 'unknown'}${url ? `, ${url}` : ''}. ` +
      'For a second one beside it: PORT=4001 DATA_DIR=.data-2 npm start',
  );
}
