import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import {
  AggregateRepository,
  areAllDuplicateKeys,
  DocumentCollection,
  InjectDatabase,
  type Stored,
} from '#persistence';
import { targetOf, type ShareLink, type ShareTarget } from './share-link.js';

@Injectable()
export class ShareLinkRepository extends AggregateRepository<ShareLink> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, {
      name: 'share-links',
      indexes: [[{ code: 1 }, { unique: true }], [{ target: 1 }, { unique: true }], [{ ownerId: 1, _id: -1 }]],
    });
  }

  async findByCode(code: string): Promise<Stored<ShareLink> | null> {
    const [link] = await this.findWhere({ code }, { limit: 1 });
    return link ?? null;
  }

  byCodes(codes: readonly string[]): Promise<Stored<ShareLink>[]> {
    return codes.length === 0 ? Promise.resolve([]) : this.findWhere({ code: { $in: [...codes] } });
  }

  async findByTarget(target: ShareTarget): Promise<Stored<ShareLink> | null> {
    const [link] = await this.findWhere({ target: targetOf(target) }, { limit: 1 });
    return link ?? null;
  }

  /** Newest first. */
  ofOwner(ownerId: string, below: string | undefined, limit: number): Promise<Stored<ShareLink>[]> {
    const place = below === undefined ? {} : { _id: { $lt: below } };
    return this.findWhere({ ownerId, ...place }, { sort: { _id: -1 }, limit });
  }
}

interface LinkOrder {
  /** The order's id: an order comes through one link at most. */
  _id: string;
  linkId: string;
  confirmedAt: Date;
  /** Whether the link has told of it. */
  told: boolean;
}

/** Confirmed orders that came through a link, each once whatever is delivered. */
@Injectable()
export class LinkOrders extends DocumentCollection<LinkOrder> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'link-orders', indexes: [[{ linkId: 1 }]] });
  }

  countOf(linkId: string): Promise<number> {
    return this.model.countDocuments({ linkId }).exec();
  }

  /** The same of many links; without those that no order came through. */
  async countsOf(linkIds: readonly string[]): Promise<Map<string, number>> {
    const counts = await this.model
      .aggregate<{ _id: string; n: number }>([
        { $match: { linkId: { $in: [...linkIds] } } },
        { $group: { _id: '$linkId', n: { $sum: 1 } } },
      ])
      .exec();
    return new Map(counts.map(({ _id, n }) => [_id, n]));
  }

  /** Takes orders for told; those that are there stay as they are. */
  async recall(orders: readonly { orderId: string; linkId: string; confirmedAt: Date }[]): Promise<void> {
    const writes = orders.map(({ orderId: _id, linkId, confirmedAt }) => ({
      updateOne: { filter: { _id }, update: { $setOnInsert: { linkId, confirmedAt, told: true } }, upsert: true },
    }));
    if (writes.length === 0) return;
    try {
      await this.driverCollection<LinkOrder>().bulkWrite(writes, { ordered: false });
    } catch (error) {
      if (!areAllDuplicateKeys(error)) throw error;
    }
  }
}
