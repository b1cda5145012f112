import type { Storage } from '../storage/storage.js';
import type { StateKey } from '../storage/write-batch.js';
import type { CleanerParts } from './cleaner-parts.js';

const batchesAtOnce = 2_000;

/** Removes what deleted topics have left. Their ids are not used again, so nothing new is found below them. */
export async function removeGarbage({ storage, commits, signal }: CleanerParts): Promise<void> {
  const ids = [...storage.stateUnder(['garbage'])].map(({ key }) => Number(key[1]));
  for (const id of ids) {
    for (;;) {
      signal.throwIfAborted();
      const offsets = firstOffsets(storage, id);
      if (offsets.length === 0) break;
      await commits.submit((writes) => {
        for (const offset of offsets) writes.removeLog(id, offset);
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

function firstOffsets(storage: Storage, partitionId: number): number[] {
  const offsets: number[] = [];
  for (const { baseOffset } of storage.logRange(partitionId, 0, Number.MAX_SAFE_INTEGER)) {
    offsets.push(baseOffset);
    if (offsets.length >= batchesAtOnce) break;
  }
  return offsets;
}
