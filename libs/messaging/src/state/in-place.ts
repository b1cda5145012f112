import { stateTopicOf, type EventContract } from '#contracts';
import type { MessageBus } from '../bus/message-bus.js';
import type { EventProcessor } from '../consumer/event-processor.js';
import type { Logger } from '../logger.js';
import { areEmpty, topicsOf, type ProjectedCollection } from './projection.js';
import { SummedProgress, type InPlaceRebuild, type InPlaceRun, type Remake } from './remake.js';
import { StateReader, type ReadingProgress } from './state-reader.js';
import { copiedUpTo, earliest, OVERLAP_MS, processState, TakenEvents } from './state-sources.js';

export interface RestorationOptions {
  readonly name: string;
  readonly after?: readonly string[];
  readonly bus: MessageBus;
  /** Of the aggregates: documents that are told of by events of the service itself. */
  readonly collections: readonly ProjectedCollection[];
  readonly contracts: readonly EventContract[];
  /** Handles events by version, in any order. */
  readonly processor: EventProcessor;
  /** What follows, once all states are there. */
  readonly remake?: Pick<Remake, 'rebuild'>;
  readonly logger: Logger;
  readonly overlapMs?: number;
}

/**
 * Aggregates, taken from their own states. Nobody but their service knows them, so no group goes on where the states end:
 * the events behind are read, too, and those of the last two minutes, as a late copy may stand above a newer one.
 */
export class Restoration implements InPlaceRebuild {
  constructor(private readonly options: RestorationOptions) {}

  get name(): string {
    return this.options.name;
  }

  get after(): readonly string[] {
    return this.options.after ?? [];
  }

  async isMissing(topicsExist: Promise<unknown>): Promise<boolean> {
    const { bus, collections, contracts } = this.options;
    if (!(await areEmpty(collections))) return false;
    await topicsExist;
    const topics = topicsOf(contracts);
    const ends = await bus.endPositions([...topics, ...topics.map(stateTopicOf)]);
    return ends.some(({ offset }) => offset > 0n);
  }

  async rebuild({ signal, onProgress }: InPlaceRun): Promise<ReadingProgress> {
    const { bus, contracts, processor, remake, logger, overlapMs = OVERLAP_MS } = this.options;
    const topics = topicsOf(contracts);
    const recent = await bus.positionsAt(topics, new Date(Date.now() - overlapMs));
    const from = earliest(await copiedUpTo(bus, contracts), recent);
    const progress = new SummedProgress(onProgress);
    const taken = new TakenEvents();
    const reader = new StateReader({
      bus,
      topics: topics.map(stateTopicOf),
      afterwards: topics,
      from,
      group: `${this.name}.rebuild`,
      process: (messages, ended) => processState(processor, messages, ended, taken),
      onProgress: progress.next(),
      logger,
      signal,
    });
    await reader.read();
    await remake?.rebuild({ signal, onProgress: progress.next() });
    return progress.sum;
  }
}
