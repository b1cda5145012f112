import type { EventContract } from '#contracts';
import type { IncomingMessage, MessageBus, Position } from '../bus/message-bus.js';
import { partitionName } from '../bus/partition-name.js';
import type { EventProcessor } from '../consumer/event-processor.js';
import { topicsOf } from './projection.js';
import { stateGroupOf } from './state-copier.js';

/** What a frozen copier may have written late on a state topic is put right by the events of this time. */
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
    const offset = offsets.get(partitionName(start)) ?? start.offset;
    return { ...start, offset: offset > start.offset ? offset : start.offset };
  });
}

/** Gives a group what it handles of what a state topic has, and as live: under the key that the event had. */
export async function processState(
  processor: StateProcessor,
  messages: readonly IncomingMessage[],
  signal: AbortSignal,
  taken?: TakenEvents,
): Promise<number> {
  const due: IncomingMessage[] = [];
  const indexes: number[] = [];
  for (const [index, message] of messages.entries()) {
    if (!processor.handles(message) || taken?.has(message)) continue;
    due.push({ ...message, key: message.headers.get('ce_partitionkey') ?? message.key });
    indexes.push(index);
  }
  if (due.length === 0) return messages.length;
  const done = await processor.processMany(due, signal);
  for (const message of due.slice(0, done)) taken?.add(message);
  // What is not handled is done with as soon as what is before it.
  return done === due.length ? messages.length : (indexes[done] ?? 0);
}

const TAKEN_KEPT = 50_000;

/**
 * Events that one reading has taken to their end: a state is the event itself, so that what lies on a state topic and among
 * the events of the last minutes need not be taken twice. It knows the last ones, 50,000 at least; others are taken again.
 */
export class TakenEvents {
  private young = new Set<string>();
  private old: ReadonlySet<string> = new Set();

  constructor(private readonly kept = TAKEN_KEPT) {}

  has({ headers }: IncomingMessage): boolean {
    const id = headers.get('ce_id');
    return id !== undefined && (this.young.has(id) || this.old.has(id));
  }

  add({ headers }: IncomingMessage): void {
    const id = headers.get('ce_id');
    if (id === undefined) return;
    this.young.add(id);
    if (this.young.size < this.kept) return;
    this.old = this.young;
    this.young = new Set();
  }
}

/** The earlier one of two places in each partition. */
export function earliest(some: readonly Position[], others: readonly Position[]): Position[] {
  const offsets = offsetsOf(others);
  return some.map((position) => {
    const other = offsets.get(partitionName(position)) ?? position.offset;
    return other < position.offset ? { ...position, offset: other } : position;
  });
}

export const offsetsOf = (positions: readonly Position[]): Map<string, bigint> =>
  new Map(positions.map((position) => [partitionName(position), position.offset]));
