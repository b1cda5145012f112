import { Injectable } from '@nestjs/common';
import { StockRejected, StockReleased, StockReserved, StockRestocked, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { AdvanceOrder } from './advance-order.handler.js';
import type { StockAnswer } from './order.js';

interface Told {
  readonly data: { readonly orderId: string; readonly variantId: string };
  readonly version: number;
}

/** The catalog's answers are inputs of the checkout saga. */
@Injectable()
@ConsumerGroup('order.checkout')
export class AdvanceOrderWhenStockAnswers {
  constructor(private readonly advance: AdvanceOrder) {}

  @OnEvent(StockReserved)
  async onReserved(event: EventOf<typeof StockReserved>): Promise<void> {
    await this.tell(event, 'RESERVED');
  }

  @OnEvent(StockRejected)
  async onRejected(event: EventOf<typeof StockRejected>): Promise<void> {
    await this.tell(event, 'REJECTED');
  }

  @OnEvent(StockReleased)
  async onReleased(event: EventOf<typeof StockReleased>): Promise<void> {
    await this.tell(event, 'RELEASED');
  }

  @OnEvent(StockRestocked)
  async onRestocked(event: EventOf<typeof StockRestocked>): Promise<void> {
    await this.tell(event, 'RESTOCKED');
  }

  private async tell({ data: { orderId, variantId }, version }: Told, answer: StockAnswer): Promise<void> {
    await this.advance.give(orderId, { kind: 'stock', variantId, answer, version });
  }
}
