import type { BatchFacts } from './log-entry.js';

export type StateKey = readonly (string | number)[];

/** A change of the logs. `replace` is for a batch that is there already: compacted, or moved to another file. */
export type LogWrite =
  | { readonly kind: 'append' | 'replace'; readonly facts: BatchFacts; readonly batch: Buffer }
  | { readonly kind: 'remove'; readonly partitionId: number; readonly baseOffset: number };

export interface StateWrite {
  readonly kind: 'state';
  readonly key: StateKey;
  /** Undefined removes. */
  readonly value: object | undefined;
}

/** Writes that become durable together or not at all. */
export class WriteBatch {
  readonly writes: (LogWrite | StateWrite)[] = [];
  /** Bytes of record batches. */
  logBytes = 0;
  /** Those of them to which the free space of the disk is held. */
  wantedBytes = 0;

  appendLog(facts: BatchFacts, batch: Buffer): void {
    this.logBytes += batch.length;
    this.wantedBytes += batch.length;
    this.writes.push({ kind: 'append', facts, batch });
  }

  replaceLog(facts: BatchFacts, batch: Buffer): void {
    this.moveLog(facts, batch);
    this.wantedBytes += batch.length;
  }

  /** As `replaceLog`, but allowed on a full disk too, because it ends in free space. */
  moveLog(facts: BatchFacts, batch: Buffer): void {
    this.logBytes += batch.length;
    this.writes.push({ kind: 'replace', facts, batch });
  }

  removeLog(partitionId: number, baseOffset: number): void {
    this.writes.push({ kind: 'remove', partitionId, baseOffset });
  }

  putState(key: StateKey, value: object): void {
    this.writes.push({ kind: 'state', key: [...key], value });
  }

  removeState(key: StateKey): void {
    this.writes.push({ kind: 'state', key: [...key], value: undefined });
  }

  add(other: WriteBatch): void {
    for (const write of other.writes) this.writes.push(write);
    this.logBytes += other.logBytes;
    this.wantedBytes += other.wantedBytes;
  }
}
