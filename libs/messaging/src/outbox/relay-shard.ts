import { setTimeout as sleep } from 'node:timers/promises';
import type { EventContract } from '#contracts';
import type { Lease, OutboxEntry } from '#persistence';
import { MessageRefusedError, type MessageBus, type OutgoingMessage } from '../bus/message-bus.js';
import { encodeEvent } from '../cloud-event.js';
import type { Logger } from '../logger.js';
import type { MessagingMetrics } from '../metrics.js';
import type { Outbox, PendingAggregate } from './aggregate-outbox.js';
import { PublishedVersions } from './published-versions.js';

export interface ShardOptions {
  readonly service: string;
  readonly bus: MessageBus;
  readonly contracts: ReadonlyMap<string, EventContract>;
  readonly metrics: MessagingMetrics;
  readonly logger: Logger;
  /** Whether a lease is still the one that was given. */
  readonly holds: (lease: Lease) => Promise<boolean>;
  /** Called with an aggregate whose next event can't be published. */
  readonly onHeld: (outbox: Outbox, id: string) => void;
}
const BATCH = 200;
/** Far below the broker's limit of 1 MB for a batch, of which the largest event alone takes 400 KB as JSON. */
const BATCH_BYTES = 400_000;
const BACKOFF_MS = { first: 100, longest: 2_000 };

/** What is known of an aggregate that has something to publish. */
export interface Waking {
  /** It is published only while this is held. The writer's own call needs none: it knows of the event, others only guess. */
  readonly lease?: Lease;
  /** All that is unpublished, where the writer tells it; otherwise it is read. */
  readonly pending?: readonly OutboxEntry[];
}

interface Chunk {
  readonly messages: OutgoingMessage[];
  /** Up to which version it holds the aggregates' events. */
  readonly versions: Map<string, number>;
  bytes: number;
}

/**
 * Publishes the outboxes of some aggregates, one batch at a time. Each batch holds all that is pending of an aggregate, in
 * order, and nothing leaves an outbox before the broker has it: so whatever two relays do at the same time, an event's
 * first copy on the topic comes after the first copies of all events before it. They can double events, not swap them.
 */
export class RelayShard {
  private readonly dirty = new Map<Outbox, Map<string, Waking>>();
  private readonly published = new PublishedVersions();
  private readonly closing = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly options: ShardOptions) {}

  /** An aggregate has something to publish. What a later write tells of it takes the place of what an earlier one told. */
  wake(outbox: Outbox, id: string, waking: Waking = {}): void {
    const ids = this.dirty.get(outbox) ?? new Map<string, Waking>();
    this.dirty.set(outbox, ids);
    if (!ids.has(id) || waking.lease === undefined) ids.set(id, waking);
    if (this.closing.signal.aborted) return;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
  }

  /** Resolves when nothing is left to do, or the shard was stopped. */
  async idle(): Promise<void> {
    while (this.running !== undefined) await this.running;
  }

  async stop(): Promise<void> {
    this.closing.abort();
    await this.idle();
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    for (let failures = 0; !signal.aborted;) {
      const next = this.take();
      if (next === undefined) return;
      try {
        await this.publish(next.outbox, next.ids);
        failures = 0;
      } catch (error) {
        // It is not known what the broker has of it: so it is read again, with what came behind it.
        for (const [id, { lease }] of next.ids) this.wake(next.outbox, id, lease === undefined ? {} : { lease });
        const delayMs = Math.min(BACKOFF_MS.longest, BACKOFF_MS.first * 2 ** failures++);
        this.options.logger.warn({ outbox: next.outbox.name, err: error, delayMs }, 'events not published yet');
        await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private take(): { outbox: Outbox; ids: Map<string, Waking> } | undefined {
    for (const [outbox, waiting] of this.dirty) {
      const ids = new Map([...waiting].slice(0, BATCH));
      for (const id of ids.keys()) waiting.delete(id);
      if (waiting.size === 0) this.dirty.delete(outbox);
      if (ids.size > 0) return { outbox, ids };
    }
    return undefined;
  }

  private async publish(outbox: Outbox, ids: ReadonlyMap<string, Waking>): Promise<void> {
    const pending = await this.pendingOf(outbox, ids);
    try {
      await this.send(outbox, pending, ids, BATCH_BYTES);
    } catch (error) {
      if (!(error instanceof MessageRefusedError)) throw error;
      for (const aggregate of pending) await this.sendSingly(outbox, aggregate, ids);
    }
  }

  /** So that an event that the broker refuses holds back its own aggregate, and only from there on. */
  private async sendSingly(
    outbox: Outbox,
    aggregate: PendingAggregate,
    ids: ReadonlyMap<string, Waking>,
  ): Promise<void> {
    try {
      await this.send(outbox, [aggregate], ids, 0);
    } catch (error) {
      if (!(error instanceof MessageRefusedError)) throw error;
      this.hold(outbox, aggregate.id, { err: error });
    }
  }

  private async send(
    outbox: Outbox,
    pending: readonly PendingAggregate[],
    ids: ReadonlyMap<string, Waking>,
    maxBytes: number,
  ): Promise<void> {
    for (const { messages, versions } of this.chunks(outbox, pending, maxBytes)) {
      const published = [...versions].map(([id, version]) => ({ id, version }));
      await this.options.bus.publish(messages);
      this.measure(messages);
      await outbox.markPublished(await this.stillOurs(published, ids));
      for (const { id, version } of published) this.published.remember(outbox, id, version);
    }
  }

  /** As told by their writers, who know it from the write itself; others are read. */
  private async pendingOf(outbox: Outbox, ids: ReadonlyMap<string, Waking>): Promise<PendingAggregate[]> {
    const told: PendingAggregate[] = [];
    const untold: string[] = [];
    for (const [id, { pending }] of ids) {
      if (pending === undefined) untold.push(id);
      // A writer that loaded before the last events were taken out tells them once more.
      else told.push({ id, entries: this.published.without(outbox, id, pending) });
    }
    return untold.length === 0 ? told : [...told, ...(await outbox.load(untold))];
  }

  private measure(messages: readonly OutgoingMessage[]): void {
    const { metrics, service } = this.options;
    for (const { topic, headers } of messages) {
      metrics.published.inc({ topic });
      metrics.relayed.of(service).observe(Math.max(0, Date.now() - Date.parse(headers['ce_time'] ?? '')) / 1000);
    }
  }

  /** What does not fit in one with the rest of its aggregate goes in the next, which is sent when this one is through. */
  private *chunks(outbox: Outbox, aggregates: readonly PendingAggregate[], maxBytes: number): Iterable<Chunk> {
    let chunk = newChunk();
    for (const { id, entries } of aggregates)
      for (const entry of entries) {
        const message = this.encode(outbox, id, entry);
        // Those behind it wait, or readers would miss one in the middle.
        if (message === undefined) break;
        const bytes = sizeOf(message);
        if (chunk.bytes > 0 && chunk.bytes + bytes > maxBytes) {
          yield chunk;
          chunk = newChunk();
        }
        chunk.messages.push(message);
        chunk.versions.set(id, entry.v);
        chunk.bytes += bytes;
      }
    if (chunk.bytes > 0) yield chunk;
  }

  /** Undefined, and the aggregate held back, where the event can't be published. */
  private encode(outbox: Outbox, id: string, entry: OutboxEntry): OutgoingMessage | undefined {
    try {
      return this.encodeEntry(id, entry);
    } catch (error) {
      this.hold(outbox, id, { eventId: entry.id, type: entry.type, err: error });
      return undefined;
    }
  }

  private hold(outbox: Outbox, aggregateId: string, why: object): void {
    const fields = { outbox: outbox.name, aggregateId, ...why };
    this.options.logger.error(fields, 'aggregate held back: its next event can not be published');
    this.options.onHeld(outbox, aggregateId);
  }

  private encodeEntry(subject: string, entry: OutboxEntry): OutgoingMessage {
    const contract = this.options.contracts.get(entry.type);
    if (contract === undefined) throw new Error(`${entry.type} has no contract`);
    const { id, type, v, time, key, traceparent, data } = entry;
    const trace = traceparent === undefined ? {} : { traceparent };
    const source = `/${contract.owner}`;
    return encodeEvent(contract, {
      id,
      type,
      source,
      subject,
      version: v,
      key,
      time: time.toISOString(),
      ...trace,
      data,
    });
  }

  /** What was published under a lease that is gone stays in the outbox: the new owner of the shard is at it. */
  private async stillOurs<Item extends { id: string }>(
    published: readonly Item[],
    ids: ReadonlyMap<string, Waking>,
  ): Promise<Item[]> {
    const leases = new Set(published.flatMap(({ id }) => ids.get(id)?.lease ?? []));
    const lost = new Set<Lease>();
    for (const lease of leases) if (!(await this.options.holds(lease))) lost.add(lease);
    return published.filter(({ id }) => {
      const lease = ids.get(id)?.lease;
      return lease === undefined || !lost.has(lease);
    });
  }
}

const newChunk = (): Chunk => ({ messages: [], versions: new Map(), bytes: 0 });

const sizeOf = ({ key, value, headers }: OutgoingMessage): number =>
  [key, value, ...Object.entries(headers).flat()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
