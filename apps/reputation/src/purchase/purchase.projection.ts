import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import type { OrderSnapshot } from '#contracts';
import { DocumentCollection, InjectDatabase } from '#persistence';

interface DeliveredLine {
  /** The order line's id. */
  _id: string;
  orderId: string;
  /** The buyer's account. */
  buyerId: string;
  productId: string;
  merchantId: string;
}

/** Order lines that reached their buyers: who may write of what. A line never changes once it is delivered. */
@Injectable()
export class DeliveredLines extends DocumentCollection<DeliveredLine> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'delivered-lines', indexes: [] });
  }

  async add({ orderId, buyerId, merchantId, lines }: OrderSnapshot): Promise<void> {
    for (const { id, productId } of lines) {
      const copy = { $set: { orderId, buyerId, merchantId, productId } };
      await this.model.updateOne({ _id: id }, copy, { upsert: true }).exec();
    }
  }

  async find(orderLineId: string): Promise<DeliveredLine | null> {
    return this.model.findOne({ _id: orderLineId }).lean().exec();
  }
}
