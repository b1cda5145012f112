import { Injectable } from '@nestjs/common';
import type { Connection, QueryFilter } from 'mongoose';
import type { OrderStatus } from '#contracts';
import { AggregateRepository, InjectDatabase, type AggregateDocument, type Stored } from '#persistence';
import type { Order } from './order.js';

export interface PageOf {
  /** Ids sort by time: newer orders are greater. */
  readonly beforeId?: string | undefined;
  readonly limit: number;
}

@Injectable()
export class OrderRepository extends AggregateRepository<Order> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, {
      name: 'orders',
      indexes: [
        [{ merchantId: 1, number: 1 }, { unique: true }],
        [{ cartId: 1, cartGeneration: 1 }, { unique: true }],
        [{ buyerId: 1, _id: -1 }],
        [{ merchantId: 1, _id: -1 }],
        [{ merchantId: 1, state: 1, _id: -1 }],
        [{ 'lines.id': 1 }],
        [{ nextActionAt: 1 }],
        [{ nextCallAt: 1 }],
      ],
    });
  }

  /** The order that a filling of a cart became. */
  async ofCart(cartId: string, cartGeneration: number): Promise<Stored<Order> | undefined> {
    return (await this.findWhere({ cartId, cartGeneration }, { limit: 1 }))[0];
  }

  /** Newest first. */
  ofBuyer(buyerId: string, page: PageOf): Promise<Stored<Order>[]> {
    return this.newestFirst({ buyerId }, page);
  }

  /** Newest first, in all states or in these. */
  ofMerchant(merchantId: string, states: readonly OrderStatus[], page: PageOf): Promise<Stored<Order>[]> {
    return this.newestFirst(states.length > 0 ? { merchantId, state: { $in: [...states] } } : { merchantId }, page);
  }

  ofLines(lineIds: readonly string[]): Promise<Stored<Order>[]> {
    return this.findWhere({ 'lines.id': { $in: [...lineIds] } } as QueryFilter<AggregateDocument<Order>>);
  }

  /** Orders whose time has come by then, the longest overdue first. */
  due(at: Date, limit: number): Promise<Stored<Order>[]> {
    return this.findWhere({ nextActionAt: { $gt: new Date(0), $lte: at } }, { sort: { nextActionAt: 1 }, limit });
  }

  /** Orders for which the provider is to be called by then, those that wait longest first. */
  callsDue(at: Date, limit: number): Promise<Stored<Order>[]> {
    return this.findWhere({ nextCallAt: { $gt: new Date(0), $lte: at } }, { sort: { nextCallAt: 1 }, limit });
  }

  private newestFirst(filter: object, { beforeId, limit }: PageOf): Promise<Stored<Order>[]> {
    const where = beforeId === undefined ? filter : { ...filter, _id: { $lt: beforeId } };
    return this.findWhere(where as QueryFilter<AggregateDocument<Order>>, { sort: { _id: -1 }, limit });
  }
}
