import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import type { OrderSnapshot } from '#contracts';
import { DocumentCollection, InjectDatabase } from '#persistence';

export interface DeliveredLine {
  /** The order line's id. */
  _id: string;
  orderId: string;
  /** The buyer's account. */
  buyerId: string;
  productId: string;
  merchantId: string;
}

export const deliveredLines = ({ orderId, buyerId, merchantId, lines }: OrderSnapshot): DeliveredLine[] =>
  lines.map(({ id, productId }) => ({ _id: id, orderId, buyerId, productId, merchantId }));

/** Order lines that reached their buyers: who may write of what. A line never changes once it is delivered. */
@Injectable()
export class DeliveredLines extends DocumentCollection<DeliveredLine> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'delivered-lines', indexes: [] });
  }

  async add(orders: readonly OrderSnapshot[]): Promise<void> {
    const writes = orders.flatMap(deliveredLines).map(({ _id, ...line }) => ({
      updateOne: { filter: { _id }, update: { $set: line }, upsert: true },
    }));
    if (writes.length > 0) await this.driverCollection<DeliveredLine>().bulkWrite(writes, { ordered: false });
  }

  async find(orderLineId: string): Promise<DeliveredLine | null> {
    return this.model.findOne({ _id: orderLineId }).lean().exec();
  }
}
