import type { IncomingMessage, MessageBus } from '../bus/message-bus.js';
import type { Logger } from '../logger.js';
import { CopiedVersions } from './copied-versions.js';
import type { StateCopy } from './state-copy.js';
import { StateReader } from './state-reader.js';

export interface LookBackOptions {
  readonly bus: MessageBus;
  readonly group: string;
  /** Of the events before this one, in its partition. */
  readonly before: IncomingMessage;
  /** Those that are asked about. */
  readonly doubtful: readonly StateCopy[];
  readonly copiesOf: (messages: readonly IncomingMessage[]) => StateCopy[];
  readonly keptVersions?: number | undefined;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}
/** Before the oldest that is asked about: what comes next may be somewhat older, and the clocks of others are. */
const MARGIN_MS = 30_000;
/** In events: it must be through before it is taken for stalled, also where several partitions are looked at. */
const LONGEST = 100_000n;

/**
 * Learns from the events themselves what was copied before: what is newer than an event was written after it, and so was
 * published since. For a copier that has just begun this is half a minute of its partition.
 * @throws when the broker is away, or the signal aborted.
 */
export async function lookBack(options: LookBackOptions): Promise<CopiedVersions> {
  const { bus, before, doubtful, copiesOf } = options;
  const { topic, partition, offset } = before;
  const sinceMs = Math.max(0, Math.min(...doubtful.map(({ timeMs }) => timeMs)) - MARGIN_MS);
  const places = await bus.positionsAt([topic], new Date(sinceMs));
  const versions = new CopiedVersions(offset, sinceMs, options.keptVersions);
  const wanted = new Set(doubtful.map(({ key }) => key));
  const found = new Map<string, StateCopy>();
  const longest = offset - LONGEST;
  const reader = new StateReader({
    ...options,
    topics: [topic],
    from: places.map((place) => (place.offset < longest ? { ...place, offset: longest } : place)),
    until: [{ topic, partition, offset }],
    group: `${options.group}.look-back`,
    process: (messages) => {
      const newest = versions.newestOf(copiesOf(messages));
      versions.remember(newest, offset);
      for (const copy of newest)
        if (wanted.has(copy.key) && copy.version >= (found.get(copy.key)?.version ?? 0)) found.set(copy.key, copy);
      return Promise.resolve(messages.length);
    },
    onProgress: () => undefined,
  });
  await reader.read();
  // Once more, as too much may have come behind them.
  versions.remember([...found.values()], offset);
  return versions;
}
