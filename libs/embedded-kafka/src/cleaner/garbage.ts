import type { StateKey } from '../storage/write-batch.js';
import type { CleanerParts } from './cleaner-parts.js';

const keysAtOnce = 2_000;

/** Removes what deleted topics have left. Their ids are not used again, so nothing new is found below them. */
export async function removeGarbage({ storage, commits, signal }: CleanerParts): Promise<void> {
  const ids = [...storage.stateUnder(['garbage'])].map(({ key }) => Number(key[1]));
  for (const id of ids) {
    for (;;) {
      signal.throwIfAborted();
      const keys = [...storage.logKeys(id, 0, Number.MAX_SAFE_INTEGER, keysAtOnce)];
      if (keys.length === 0) break;
      await commits.submit((writes) => {
        for (const key of keys) writes.removeLog(key);
        return { result: undefined };
      });
    }
    const states: StateKey[] = [...storage.stateUnder(['producer', id])].map(({ key }) => key);
    states.push(['partition', id], ['compaction', id], ['garbage', id]);
    await commits.submit((writes) => {
      for (const key of states) writes.removeState(key);
      return { result: undefined };
    });
  }
}
