import { Injectable } from '@nestjs/common';
import { notFound, PurchasesOfCaller, type NotFound, type OutputOf, type WriteReview } from '#contracts';
import { OperationClient } from '#service-kit';
import type { Purchase } from '../review/review.js';
import { DeliveredLines } from './purchase.projection.js';

type NotDelivered = Extract<OutputOf<typeof WriteReview>, { __typename: 'NotDelivered' }>;

/** Says which order line somebody may review. */
@Injectable()
export class Purchases {
  constructor(
    private readonly delivered: DeliveredLines,
    private readonly client: OperationClient,
  ) {}

  /**
   * The caller's own delivered line, or why there is none. The local copy may only say yes: before a no, the order
   * service is asked, as the copy may be behind. Errors: ServiceUnavailableError when it can't be asked.
   */
  async findReviewable(orderLineId: string, buyerId: string): Promise<Purchase | NotFound | NotDelivered> {
    const line = await this.delivered.find(orderLineId);
    if (line?.buyerId === buyerId) return { orderLineId, productId: line.productId, merchantId: line.merchantId };
    const purchases = await this.client.call(PurchasesOfCaller, { orderLineIds: [orderLineId] });
    const purchase = purchases.find((known) => known.orderLineId === orderLineId);
    if (!purchase) return notFound('OrderLine', orderLineId);
    if (purchase.state !== 'DELIVERED')
      return { __typename: 'NotDelivered', code: 'NOT_DELIVERED', message: 'The order is not delivered yet' };
    return { orderLineId, productId: purchase.productId, merchantId: purchase.merchantId };
  }
}
