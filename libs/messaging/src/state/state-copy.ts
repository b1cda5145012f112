import { stateKeyOf, stateTopicOf, type EventContract } from '#contracts';
import type { IncomingMessage, OutgoingMessage } from '../bus/message-bus.js';

/** An event as its state topic keeps it, with what tells whether another supersedes it. */
export interface StateCopy {
  /** On the state topic. */
  readonly key: string;
  readonly version: number;
  readonly message: OutgoingMessage;
}

/**
 * What an event leaves on its state topic; undefined for what is no event. Types that this process does not know, because
 * a newer one publishes them, are kept by subject and type.
 * @throws SyntaxError when the key is made of data that is not JSON.
 */
export function stateCopyOf(
  message: IncomingMessage,
  contracts: ReadonlyMap<string, EventContract>,
): StateCopy | undefined {
  const { topic, partition, value, headers } = message;
  const type = headers.get('ce_type');
  const subject = headers.get('ce_subject');
  const version = headers.get('ce_aggregateversion');
  if (type === undefined || subject === undefined || !(Number(version) > 0) || value === null) return undefined;
  const contract = contracts.get(type);
  const data = () => JSON.parse(value.toString()) as Readonly<Record<string, unknown>>;
  const key = stateKeyOf(contract?.topic === topic ? contract : { type }, subject, data);
  // The same partition as the event's: so a position in one says how far the other is.
  const copy = {
    topic: stateTopicOf(topic),
    partition,
    key,
    value: value.toString(),
    headers: Object.fromEntries(headers),
  };
  return { key, version: Number(version), message: copy };
}

const KEPT_VERSIONS = 20_000;

/**
 * Which version was copied last under which key, of one partition. A relay that was taken for dead may publish once more
 * what is long superseded: as the last one under its key, compaction would keep it and drop the newer.
 */
export class CopiedVersions {
  private readonly versions = new Map<string, number>();

  constructor(private readonly kept = KEPT_VERSIONS) {}

  /** Those that are to be copied, one for each key: no older than what was copied before, and the newest of several. */
  newestOf(copies: readonly StateCopy[]): StateCopy[] {
    const newest = new Map<string, StateCopy>();
    for (const copy of copies) {
      const known = newest.get(copy.key)?.version ?? this.versions.get(copy.key) ?? 0;
      if (copy.version < known) continue;
      // Put in anew, so that it stands where its last event stood.
      newest.delete(copy.key);
      newest.set(copy.key, copy);
    }
    return [...newest.values()];
  }

  remember(copies: readonly StateCopy[]): void {
    for (const { key, version } of copies) {
      this.versions.delete(key);
      this.versions.set(key, version);
    }
    for (const key of this.versions.keys()) {
      if (this.versions.size <= this.kept) return;
      this.versions.delete(key);
    }
  }
}
