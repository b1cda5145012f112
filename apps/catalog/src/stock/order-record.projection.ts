import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { InjectDatabase, ProjectionCollection } from '#persistence';
import type { HoldState } from './stock.js';

interface OrderRecordFields {
  _id: string;
  /** By variant. */
  lines: Record<string, HoldState>;
}
export interface OrderRecord {
  /** Version of the order's last event that has had its effect on all of its variants. */
  readonly version: number;
  readonly lines: Readonly<Record<string, HoldState>>;
}

/** What became of each order's pieces: kept when the holds are forgotten, so that stock documents stay small. */
@Injectable()
export class OrderRecords extends ProjectionCollection<OrderRecordFields> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'order_records', indexes: [] });
  }

  async take(orderId: string, version: number, lines: ReadonlyMap<string, HoldState>): Promise<void> {
    const fields = [...lines].map(([variantId, state]) => [`lines.${variantId}`, state] as const);
    await this.applyIfNewer(orderId, 'order', version, { $set: Object.fromEntries(fields) });
  }

  async find(orderId: string): Promise<OrderRecord | undefined> {
    return (await this.findAll([orderId])).get(orderId);
  }

  async findAll(orderIds: readonly string[]): Promise<ReadonlyMap<string, OrderRecord>> {
    const found = await this.driverCollection<OrderRecordFields & { src?: { order?: number } }>()
      .find({ _id: { $in: [...orderIds] } })
      .toArray();
    return new Map(found.map(({ _id, src, lines }) => [_id, { version: src?.order ?? 0, lines: lines ?? {} }]));
  }
}
