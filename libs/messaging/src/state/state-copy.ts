import { stateKeyOf, stateTopicOf, type EventContract } from '#contracts';
import type { IncomingMessage, OutgoingMessage } from '../bus/message-bus.js';
import { timeMs } from '../event-time.js';

/** An event as its state topic keeps it, with what tells whether another supersedes it. */
export interface StateCopy {
  /** On the state topic. */
  readonly key: string;
  readonly version: number;
  /** When the event was written. */
  readonly timeMs: number;
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
  return { key, version: Number(version), timeMs: timeMs(headers.get('ce_time') ?? ''), message: copy };
}
