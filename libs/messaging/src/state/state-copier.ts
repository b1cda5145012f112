import { setTimeout as sleep } from 'node:timers/promises';
import type { EventContract } from '#contracts';
import type { IncomingMessage, MessageBus } from '../bus/message-bus.js';
import { partitionName } from '../bus/partition-name.js';
import type { MessageProcessor } from '../consumer/consumer-runner.js';
import type { Logger } from '../logger.js';
import type { MessagingMetrics } from '../metrics.js';
import { CopiedVersions } from './copied-versions.js';
import { lookBack } from './look-back.js';
import { orAborted } from './or-aborted.js';
import { stateCopyOf, type StateCopy } from './state-copy.js';

export interface CopierOptions {
  readonly service: string;
  readonly bus: MessageBus;
  /** Of the events that the service publishes. */
  readonly contracts: readonly EventContract[];
  readonly metrics: MessagingMetrics;
  readonly logger: Logger;
  /** Keys of each partition whose versions are known without looking, at least. */
  readonly keptVersions?: number;
}
const BATCH = 500;
const BACKOFF_MS = { first: 200, longest: 5_000 };

export const stateGroupOf = (service: string): string => `${service}.state`;

/**
 * Keeps up the state topics of a service: reads its events as any consumer does, and copies each to the state topic of
 * its topic. What the group has committed is on the state topics.
 */
export class StateCopier implements MessageProcessor {
  readonly group: string;
  readonly batchSize = BATCH;
  private readonly contracts: ReadonlyMap<string, EventContract>;
  /** By partition. */
  private readonly copied = new Map<string, CopiedVersions>();

  constructor(private readonly options: CopierOptions) {
    this.group = stateGroupOf(options.service);
    this.contracts = new Map(options.contracts.map((contract) => [contract.type, contract]));
  }

  /** Copies are all or none; none when the signal aborted it. */
  async processMany(messages: readonly IncomingMessage[], signal: AbortSignal): Promise<number> {
    const first = messages[0];
    const last = messages.at(-1);
    if (first === undefined || last === undefined) return 0;
    const told = this.copiesOf(messages);
    const versions = await this.persist(() => this.versionsFor(first, told, signal), signal);
    if (versions === undefined) return 0;
    const copies = versions.newestOf(told);
    if (!(await this.persist(() => this.publish(copies), signal))) return 0;
    versions.remember(copies, last.offset + 1n);
    const { metrics } = this.options;
    metrics.consumed.inc({ group: this.group, outcome: 'handled' }, copies.length);
    metrics.consumed.inc({ group: this.group, outcome: 'skipped' }, messages.length - copies.length);
    return messages.length;
  }

  forgetParkedLines(): void {
    // Nothing is ever parked: a copy needs nothing but the broker, and waits for it.
  }

  idle(): Promise<void> {
    return Promise.resolve();
  }

  /** What was copied of the partition before, as far as it may be newer than what is told. */
  private async versionsFor(
    first: IncomingMessage,
    told: readonly StateCopy[],
    signal: AbortSignal,
  ): Promise<CopiedVersions> {
    const name = partitionName(first);
    const known = this.copied.get(name);
    const versions = known?.continuesAt(first.offset) ? known : this.beginAt(first.offset);
    const doubtful = versions.doubtful(told);
    const { group, options } = this;
    const copiesOf = (messages: readonly IncomingMessage[]) => this.copiesOf(messages);
    const sure =
      doubtful.length === 0
        ? versions
        : await lookBack({ ...options, group, before: first, doubtful, copiesOf, signal });
    this.copied.set(name, sure);
    return sure;
  }

  private beginAt(offset: bigint): CopiedVersions {
    return new CopiedVersions(offset, offset === 0n ? -Infinity : Infinity, this.options.keptVersions);
  }

  private copiesOf(messages: readonly IncomingMessage[]): StateCopy[] {
    return messages.flatMap((message) => this.copyOf(message));
  }

  private copyOf(message: IncomingMessage): StateCopy[] {
    try {
      const copy = stateCopyOf(message, this.contracts);
      return copy === undefined ? [] : [copy];
    } catch (error) {
      const { topic, partition, offset } = message;
      this.options.logger.warn({ topic, partition, offset: offset.toString(), err: error }, 'event has no state');
      return [];
    }
  }

  private async publish(copies: readonly StateCopy[]): Promise<true> {
    const messages = copies.map(({ message }) => message);
    await this.options.bus.publish(messages, { background: true });
    return true;
  }

  /**
   * Tries until it is done; undefined when the signal aborted before. Not waited for when the partition goes to another:
   * that one does again what was under way.
   */
  private async persist<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        return await orAborted(work(), signal);
      } catch (error) {
        if (signal.aborted) break;
        const delayMs = Math.min(BACKOFF_MS.longest, BACKOFF_MS.first * 2 ** failures);
        this.options.logger.warn({ group: this.group, err: error, delayMs }, 'state not copied yet');
        await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }
}
