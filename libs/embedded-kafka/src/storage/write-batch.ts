import type { Key } from 'lmdb';

export type StateKey = readonly (string | number)[];

type Write =
  | { readonly table: 'log'; readonly key: Buffer; readonly value: Buffer | undefined }
  | { readonly table: 'state'; readonly key: Key; readonly value: object | undefined };

/** Writes that become durable together or not at all. */
export class WriteBatch {
  readonly writes: Write[] = [];
  /** Bytes of record batches, to which the free space of the disk is held. */
  logBytes = 0;

  putLog(key: Buffer, value: Buffer): void {
    this.logBytes += value.length;
    this.writes.push({ table: 'log', key, value });
  }

  removeLog(key: Buffer): void {
    this.writes.push({ table: 'log', key, value: undefined });
  }

  putState(key: StateKey, value: object): void {
    this.writes.push({ table: 'state', key: [...key], value });
  }

  removeState(key: StateKey): void {
    this.writes.push({ table: 'state', key: [...key], value: undefined });
  }

  add(other: WriteBatch): void {
    for (const write of other.writes) this.writes.push(write);
    this.logBytes += other.logBytes;
  }
}
