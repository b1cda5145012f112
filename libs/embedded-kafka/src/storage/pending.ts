import type { LogEntry } from './log-entry.js';
import { PendingLog } from './pending-log.js';
import type { StateKey, StateWrite } from './write-batch.js';

const nothing = new PendingLog();

/** What is on disk in the data files, but not yet in the index; readers look here first. */
export class Pending {
  readonly #logs = new Map<number, PendingLog>();
  readonly #states = new Map<string, { readonly write: StateWrite; readonly sequence: number }>();

  setEntry(partitionId: number, offset: number, entry: LogEntry | null, sequence: number): void {
    let log = this.#logs.get(partitionId);
    if (log === undefined) this.#logs.set(partitionId, (log = new PendingLog()));
    log.set(offset, entry, sequence);
  }

  setState(write: StateWrite, sequence: number): void {
    this.#states.set(nameOf(write.key), { write, sequence });
  }

  log(partitionId: number): PendingLog {
    return this.#logs.get(partitionId) ?? nothing;
  }

  state(key: StateKey): StateWrite | undefined {
    return this.#states.size === 0 ? undefined : this.#states.get(nameOf(key))?.write;
  }

  statesUnder(prefix: StateKey): StateWrite[] {
    return this.states().filter(({ key }) => prefix.every((part, index) => key[index] === part));
  }

  states(): StateWrite[] {
    return [...this.#states.values()].map(({ write }) => write);
  }

  *entries(): Generator<{ readonly partitionId: number; readonly offset: number; readonly entry: LogEntry | null }> {
    for (const [partitionId, log] of this.#logs) {
      for (const offset of log.offsetsIn(0, Number.POSITIVE_INFINITY)) {
        yield { partitionId, offset, entry: log.get(offset) ?? null };
      }
    }
  }

  /** Forgets what has reached the index. */
  drop(upToSequence: number): void {
    for (const [name, { sequence }] of this.#states) if (sequence <= upToSequence) this.#states.delete(name);
    for (const [partitionId, log] of this.#logs) {
      log.drop(upToSequence);
      if (log.size === 0) this.#logs.delete(partitionId);
    }
  }
}

const nameOf = (key: StateKey): string => JSON.stringify(key);
