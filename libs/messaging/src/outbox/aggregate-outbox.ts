import type { EventsListener, OutboxEntry } from '#persistence';
import type { WaitingOutbox } from './outbox-scan.js';

/** What the relay needs of the driver's collection. */
interface OutboxCollection {
  find(filter: object, options: object): AsyncIterable<unknown> & { toArray(): Promise<unknown[]> };
  bulkWrite(operations: readonly object[], options: { ordered: boolean }): Promise<unknown>;
}

/** What the relay needs of an `AggregateRepository`; every one fits. */
export interface OutboxOwner {
  readonly definition: { readonly name: string };
  readonly model: { readonly collection: OutboxCollection };
  onEventsWritten(listener: EventsListener): () => void;
}

/** An aggregate with events that are not published yet, in order. */
export interface PendingAggregate {
  readonly id: string;
  readonly entries: readonly OutboxEntry[];
}

/** Outboxes as a shard works on them. */
export interface Outbox {
  readonly name: string;
  /** Those of the ids that have something to publish. */
  load(ids: readonly string[]): Promise<PendingAggregate[]>;
  /** Takes events out that the broker has. */
  markPublished(published: readonly { id: string; version: number }[]): Promise<void>;
}

interface OutboxDocument {
  _id: string;
  outbox?: OutboxEntry[];
  outboxAt?: Date;
}

/** The outboxes in the documents of one collection. */
export class AggregateOutbox implements Outbox {
  constructor(private readonly owner: OutboxOwner) {}

  get name(): string {
    return this.owner.definition.name;
  }

  onEventsWritten(listener: EventsListener): () => void {
    return this.owner.onEventsWritten(listener);
  }

  /** Those of the ids that have something to publish, longest waiting first. */
  async load(ids: readonly string[]): Promise<PendingAggregate[]> {
    const documents = await this.find({ _id: { $in: [...ids] } }, { outbox: 1, outboxAt: 1 });
    return documents
      .toSorted((a, b) => (a.outboxAt?.getTime() ?? 0) - (b.outboxAt?.getTime() ?? 0))
      .flatMap(({ _id, outbox = [] }) => (outbox.length > 0 ? [{ id: _id, entries: outbox }] : []));
  }

  /** Those with something to publish that wait since then or later, longest waiting first. */
  async *waiting(since: Date, limit: number): AsyncGenerator<WaitingOutbox> {
    const options = { projection: { outboxAt: 1 }, sort: { outboxAt: 1 }, limit } as const;
    for await (const found of this.owner.model.collection.find({ outboxAt: { $gte: since } }, options)) {
      const { _id, outboxAt } = found as OutboxDocument;
      if (outboxAt !== undefined) yield { id: _id, since: outboxAt };
    }
  }

  /**
   * Takes published events out: those up to a version, never by position, as new ones may have come behind them and others
   * may have taken them out before.
   */
  async markPublished(published: readonly { id: string; version: number }[]): Promise<void> {
    if (published.length === 0) return;
    const operations = published.map(({ id, version }) => ({
      updateOne: {
        filter: { _id: id },
        update: [
          { $set: { outbox: { $filter: { input: '$outbox', cond: { $gt: ['$$this.v', version] } } } } },
          { $set: { outboxAt: { $cond: [{ $eq: [{ $size: '$outbox' }, 0] }, '$$REMOVE', '$outboxAt'] } } },
        ],
      },
    }));
    await this.owner.model.collection.bulkWrite(operations, { ordered: false });
  }

  private async find(filter: object, projection: object): Promise<OutboxDocument[]> {
    const options = { projection, sort: { outboxAt: 1 } } as const;
    return (await this.owner.model.collection.find(filter, options).toArray()) as OutboxDocument[];
  }
}
