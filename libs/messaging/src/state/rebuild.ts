import { setTimeout as sleep } from 'node:timers/promises';
import { stateTopicOf } from '#contracts';
import type { MessageBus, Position } from '../bus/message-bus.js';
import { partitionName } from '../bus/partition-name.js';
import type { Logger } from '../logger.js';
import { orAborted } from './or-aborted.js';
import { topicsOf, type Projection } from './projection.js';
import { SummedProgress } from './remake.js';
import { StateReader, type ReadingProgress } from './state-reader.js';
import { copiedUpTo, earliest, offsetsOf, OVERLAP_MS, processState } from './state-sources.js';

export interface RebuildOptions {
  readonly bus: MessageBus;
  readonly projection: Projection;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ReadingProgress) => void;
  /** Takes out what is there. @throws when somebody else rebuilds it by now. */
  readonly clear: () => Promise<void>;
  readonly times?: Partial<RebuildTimes>;
}
export interface RebuildTimes {
  readonly pollMs: number;
  /** How long the owners of the events may take to bring their state topics up to now. */
  readonly copiesWithinMs: number;
  /** Events of this time before are read again by the group itself. */
  readonly overlapMs: number;
  readonly joinWithinMs: number;
}
const TIMES: RebuildTimes = { pollMs: 50, copiesWithinMs: 10_000, overlapMs: OVERLAP_MS, joinWithinMs: 60_000 };

/**
 * Makes a projection anew from the state topics, and sets its group to where they are complete. Nobody may handle its
 * events meanwhile; who does so by mistake does no harm, as handlers apply by version. It may be cut off at any point:
 * the next attempt begins from the start.
 */
export async function rebuild(options: RebuildOptions): Promise<ReadingProgress> {
  const { bus, projection, logger, signal } = options;
  const times = { ...TIMES, ...options.times };
  const topics = topicsOf(projection.contracts);
  await untilNobodyFollows(options, times);
  await options.clear();
  // After clearing: what somebody handled before, and may commit later, is on the state topics that are read.
  await untilCopied(options, times, await bus.endPositions(topics));
  const complete = await copiedUpTo(bus, projection.contracts);
  const { contracts, processor, remake } = { remake: undefined, ...projection, ...projection.restoring };
  const progress = new SummedProgress(options.onProgress);
  const reader = new StateReader({
    bus,
    topics: topicsOf(contracts).map(stateTopicOf),
    group: `${projection.name}.rebuild`,
    process: (messages, ended) => processState(processor, messages, ended),
    onProgress: progress.next(),
    logger,
    signal,
  });
  await reader.read();
  await processor.idle();
  await remake?.rebuild({ signal, onProgress: progress.next() });
  const recent = await bus.positionsAt(topics, new Date(Date.now() - times.overlapMs));
  await setGroup(options, times, earliest(complete, recent));
  return progress.sum;
}

async function untilNobodyFollows({ bus, projection, logger, signal }: RebuildOptions, times: RebuildTimes) {
  for (let polls = 0; ; polls++) {
    const members = await bus.memberCount(projection.name);
    if (members === 0) return;
    if (polls % 200 === 199) logger.warn({ projection: projection.name, members }, 'group has members, rebuild waits');
    await sleep(times.pollMs, undefined, { signal });
  }
}

/** Waits until the owners have copied all events up to here, but not for an owner that is away. */
async function untilCopied(options: RebuildOptions, times: RebuildTimes, ends: readonly Position[]): Promise<void> {
  const deadline = Date.now() + times.copiesWithinMs;
  for (;;) {
    const copied = offsetsOf(await copiedUpTo(options.bus, options.projection.contracts));
    if (ends.every((end) => (copied.get(partitionName(end)) ?? 0n) >= end.offset)) return;
    if (Date.now() > deadline) break;
    await sleep(times.pollMs, undefined, { signal: options.signal });
  }
  options.logger.warn({ projection: options.projection.name }, 'state topics are behind, the events do the rest');
}

/** Joins the group alone, commits, and leaves: an offset of a group without members can't be set otherwise in kafkajs. */
async function setGroup({ bus, projection, signal }: RebuildOptions, times: RebuildTimes, positions: Position[]) {
  const topics = topicsOf(projection.contracts);
  const listener = { onAssigned: () => undefined, onRevoked: () => undefined, onMessages: () => undefined };
  const subscription = bus.subscribe({ group: projection.name, topics, listener, brief: true });
  const late = AbortSignal.any([signal, AbortSignal.timeout(times.joinWithinMs)]);
  const isSet = async (): Promise<boolean> => {
    const committed = offsetsOf(await bus.committed(projection.name, topics));
    return positions.every((position) => committed.get(partitionName(position)) === position.offset);
  };
  try {
    await orAborted(subscription.joined, late);
    // kafkajs drops a commit without a word that comes right after it has joined: so it is asked what the broker has.
    do await subscription.commit(positions);
    while (!(await isSet()) && (await sleep(times.pollMs, true, { signal: late })));
  } finally {
    await subscription.close();
  }
}
