import type { OutboxEntry } from '#persistence';
import type { Outbox } from './aggregate-outbox.js';

const KEPT = 10_000;

/** Up to which version the broker has the events of the aggregates that were published last. */
export class PublishedVersions {
  private readonly versions = new Map<string, number>();

  constructor(private readonly kept = KEPT) {}

  /** Those that the broker may not have. */
  without(outbox: Outbox, id: string, entries: readonly OutboxEntry[]): readonly OutboxEntry[] {
    const version = this.versions.get(nameOf(outbox, id)) ?? 0;
    return entries.filter(({ v }) => v > version);
  }

  remember(outbox: Outbox, id: string, version: number): void {
    const name = nameOf(outbox, id);
    this.versions.delete(name);
    this.versions.set(name, version);
    for (const first of this.versions.keys()) {
      if (this.versions.size <= this.kept) return;
      this.versions.delete(first);
    }
  }
}

const nameOf = ({ name }: Outbox, id: string): string => `${name}|${id}`;
