import { setTimeout as sleep } from 'node:timers/promises';
import type { EventContract } from '#contracts';
import type { IncomingMessage, MessageBus } from '../bus/message-bus.js';
import { partitionName } from '../bus/partition-name.js';
import type { MessageProcessor } from '../consumer/consumer-runner.js';
import type { Logger } from '../logger.js';
import type { MessagingMetrics } from '../metrics.js';
import { CopiedVersions, stateCopyOf, type StateCopy } from './state-copy.js';

export interface CopierOptions {
  readonly service: string;
  readonly bus: Pick<MessageBus, 'publish'>;
  /** Of the events that the service publishes. */
  readonly contracts: readonly EventContract[];
  readonly metrics: MessagingMetrics;
  readonly logger: Logger;
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
  /** By partition. It outlives rebalances: what was copied was copied, whoever went on since. */
  private readonly copied = new Map<string, CopiedVersions>();

  constructor(private readonly options: CopierOptions) {
    this.group = stateGroupOf(options.service);
    this.contracts = new Map(options.contracts.map((contract) => [contract.type, contract]));
  }

  /** Copies are all or none; none when the signal aborted it. */
  async processMany(messages: readonly IncomingMessage[], signal: AbortSignal): Promise<number> {
    const [first] = messages;
    if (first === undefined) return 0;
    const versions = this.versionsOf(first);
    const copies = versions.newestOf(messages.flatMap((message) => this.copyOf(message)));
    if (!(await this.publish(copies, signal))) return 0;
    versions.remember(copies);
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

  private versionsOf(message: IncomingMessage): CopiedVersions {
    const name = partitionName(message);
    const versions = this.copied.get(name) ?? new CopiedVersions();
    this.copied.set(name, versions);
    return versions;
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

  private async publish(copies: readonly StateCopy[], signal: AbortSignal): Promise<boolean> {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        const messages = copies.map(({ message }) => message);
        // Not waited for when the partition goes to another: it copies again what was under way.
        return await orAborted(this.options.bus.publish(messages, { background: true }), signal);
      } catch (error) {
        const delayMs = Math.min(BACKOFF_MS.longest, BACKOFF_MS.first * 2 ** failures);
        this.options.logger.warn({ group: this.group, err: error, delayMs }, 'state not copied yet');
        await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      }
    }
    return false;
  }
}

/** True when the work is done; false as soon as the signal aborts, whatever becomes of it. */
async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<boolean> {
  let abort: () => void = () => undefined;
  const aborted = new Promise<boolean>((resolve) => (abort = () => resolve(false)));
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work.then(() => true), aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
    work.catch(() => undefined);
  }
}
