import type { EventContract } from '#contracts';
import type { IncomingMessage, MessageBus, Position, TopicPartition } from '../bus/message-bus.js';
import type { EventProcessor } from '../consumer/event-processor.js';
import { topicsOf } from './projection.js';
import { stateGroupOf } from './state-copier.js';

/** What a frozen copier or relay may have written late on a state topic is put right by the events of this time. */
export const OVERLAP_MS = 2 * 60_000;

type Ends = Pick<MessageBus, 'committed' | 'startPositions'>;
type StateProcessor = Pick<EventProcessor, 'handles' | 'processMany'>;

/** Up to where the state topics have all events: what the owners' copiers have committed, or else nothing. */
export async function copiedUpTo(bus: Ends, contracts: readonly EventContract[]): Promise<Position[]> {
  const owners = [...new Set(contracts.map(({ owner }) => owner))];
  const copied = await Promise.all(
    owners.map((owner) => bus.committed(stateGroupOf(owner), topicsOf(contracts.filter((one) => one.owner === owner)))),
  );
  const offsets = offsetsOf(copied.flat());
  const starts = await bus.startPositions(topicsOf(contracts));
  return starts.map((start) => {
    const offset = offsets.get(nameOf(start)) ?? start.offset;
    return { ...start, offset: offset > start.offset ? offset : start.offset };
  });
}

/** Gives a group what it handles of what a state topic has, and as live: under the key that the event had. */
export async function processState(
  processor: StateProcessor,
  messages: readonly IncomingMessage[],
  signal: AbortSignal,
): Promise<number> {
  const due = messages.flatMap((message, index) => (processor.handles(message) ? [{ message, index }] : []));
  if (due.length === 0) return messages.length;
  const done = await processor.processMany(
    due.map(({ message }) => ({ ...message, key: message.headers.get('ce_partitionkey') ?? message.key })),
    signal,
  );
  // What is not handled is done with as soon as what is before it.
  return done === due.length ? messages.length : (due[done]?.index ?? 0);
}

/** The earlier one of two places in each partition. */
export function earliest(some: readonly Position[], others: readonly Position[]): Position[] {
  const offsets = offsetsOf(others);
  return some.map((position) => {
    const other = offsets.get(nameOf(position)) ?? position.offset;
    return other < position.offset ? { ...position, offset: other } : position;
  });
}

export const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}|${partition}`;
export const offsetsOf = (positions: readonly Position[]): Map<string, bigint> =>
  new Map(positions.map((position) => [nameOf(position), position.offset]));
