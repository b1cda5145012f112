import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventContract } from '#contracts';
import type { MessageBus } from '../bus/message-bus.js';
import type { Logger } from '../logger.js';
import type { MessagingMetrics } from '../metrics.js';
import { AggregateOutbox, type Outbox, type OutboxOwner } from './aggregate-outbox.js';
import { HeldAggregates } from './held-aggregates.js';
import { OutboxScan, type WaitingOutbox } from './outbox-scan.js';
import { RelayLeases, type Leases } from './relay-leases.js';
import { RelayShard } from './relay-shard.js';

export interface RelayOptions {
  readonly service: string;
  readonly bus: MessageBus;
  readonly aggregates: readonly OutboxOwner[];
  /** Contracts of all events that the aggregates emit. */
  readonly contracts: readonly EventContract[];
  readonly leases: Leases;
  /** Unique for each running instance. */
  readonly instance: string;
  readonly metrics: MessagingMetrics;
  readonly logger: Logger;
  readonly shards?: number;
  readonly pollIntervalMs?: number;
  readonly now?: () => Date;
}
const SHARDS = 2;
const POLL_MS = 1_000;
/** Of its own shards, and of all, at each poll. */
const POLL_LIMITS = { found: 500, looked: 10_000 } as const;
/** Younger ones are about to be published by the instance that wrote them. */
const GRACE_MS = 300;
const FLUSH_MS = 5_000;

/**
 * Publishes what waits in the outboxes of aggregates, at least once and in order for each aggregate. The instance that
 * wrote an event publishes it right away. What is left by a crash or a broker's absence is found by a poll each second;
 * which instance looks after which shard of it is settled by leases.
 */
export class OutboxRelay {
  private readonly outboxes: readonly AggregateOutbox[];
  private readonly shards: readonly RelayShard[];
  private readonly leases: RelayLeases;
  private readonly scans: ReadonlyMap<AggregateOutbox, OutboxScan>;
  private readonly held = new HeldAggregates();
  private readonly now: () => Date;
  private unsubscribe: (() => void)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private polling: Promise<void> | undefined;

  constructor(private readonly options: RelayOptions) {
    const { shards = SHARDS, leases, instance, logger, bus, metrics, contracts } = options;
    this.now = options.now ?? (() => new Date());
    this.outboxes = options.aggregates.map((aggregate) => new AggregateOutbox(aggregate));
    this.scans = new Map(this.outboxes.map((outbox) => [outbox, scanOf(outbox)]));
    this.leases = new RelayLeases(leases, instance, shards, logger);
    const byType = new Map(contracts.map((contract) => [contract.type, contract]));
    this.shards = Array.from(
      { length: shards },
      () =>
        new RelayShard({
          bus,
          service: options.service,
          metrics,
          logger,
          contracts: byType,
          holds: (lease) => this.leases.holds(lease),
          onHeld: (outbox, id) => this.hold(outbox, id),
        }),
    );
  }

  start(): void {
    this.unsubscribe = this.outboxes.map((outbox) =>
      outbox.onEventsWritten((id, pending) => {
        // Of one that is held the poll takes care, when its time comes.
        if (!this.isHeld(outbox, id)) this.shards[this.shardOf(id)]?.wake(outbox, id, { pending });
      }),
    );
    this.leases.start();
    this.timer = setInterval(() => this.poll(), this.options.pollIntervalMs ?? POLL_MS);
  }

  /** Publishes what this instance knows of; gives up after 5 s by default. True when all of it is published. */
  async flush(timeoutMs = FLUSH_MS): Promise<boolean> {
    const idle = Promise.all(this.shards.map((shard) => shard.idle())).then(() => true);
    return Promise.race([idle, sleep(timeoutMs, false, { ref: false })]);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    for (const unsubscribe of this.unsubscribe) unsubscribe();
    await this.polling;
    await Promise.all(this.shards.map((shard) => shard.stop()));
    await this.leases.stop();
  }

  private poll(): void {
    this.polling ??= this.findPending()
      .catch((error: unknown) => this.options.logger.debug({ err: error }, 'outboxes not read'))
      .finally(() => {
        this.polling = undefined;
      });
  }

  private async findPending(): Promise<void> {
    const now = this.now().getTime();
    this.held.forgetTried(now);
    this.options.metrics.held.set({ service: this.options.service }, this.held.size);
    let oldestMs = 0;
    for (const [outbox, scan] of this.scans) {
      const isDue = ({ id, since }: WaitingOutbox): boolean => {
        const age = now - since.getTime();
        return (age < 0 || age >= GRACE_MS) && this.leases.of(this.shardOf(id)) !== undefined;
      };
      for (const id of await scan.next(isDue, (waiting) => this.isHeld(outbox, waiting))) {
        const shard = this.shardOf(id);
        const lease = this.leases.of(shard);
        if (lease !== undefined) this.shards[shard]?.wake(outbox, id, { lease });
      }
      oldestMs = Math.max(oldestMs, now - (scan.longestSince?.getTime() ?? now));
    }
    this.options.metrics.outboxAge.set({ service: this.options.service }, oldestMs / 1000);
  }

  private hold(outbox: Outbox, id: string): void {
    this.held.hold(nameOf(outbox, id), this.now().getTime());
    this.options.metrics.held.set({ service: this.options.service }, this.held.size);
  }

  private isHeld(outbox: Outbox, id: string): boolean {
    return this.held.has(nameOf(outbox, id), this.now().getTime());
  }

  private shardOf(id: string): number {
    return createHash('sha256').update(id).digest().readUInt32BE() % this.shards.length;
  }
}

const nameOf = ({ name }: Outbox, id: string): string => `${name}|${id}`;

const scanOf = (outbox: AggregateOutbox): OutboxScan =>
  new OutboxScan((since) => outbox.waiting(since, POLL_LIMITS.looked), POLL_LIMITS);
