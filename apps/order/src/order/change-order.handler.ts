import { Injectable } from '@nestjs/common';
import { notFound, type OrderStatus, type OutputOf, type CancelOrder } from '#contracts';
import { ForbiddenError, type OperationContext } from '#service-kit';
import { Staff } from '../catalog/staff.policy.js';
import { AdvanceOrder } from './advance-order.handler.js';
import type { OrderInput } from './order.js';
import { OrderRepository } from './order.repository.js';
import { toOrderView } from './order.view.js';

type OrderResult = OutputOf<typeof CancelOrder>;

/** What buyers and staff do to an order. To anyone else it is not there. */
@Injectable()
export class ChangeOrder {
  constructor(
    private readonly orders: OrderRepository,
    private readonly advance: AdvanceOrder,
    private readonly staff: Staff,
  ) {}

  cancel(id: string, context: OperationContext): Promise<OrderResult> {
    return this.change(id, context, (isBuyer) => ({ kind: 'cancel', by: isBuyer ? 'BUYER' : 'MERCHANT' }));
  }

  ship(id: string, trackingCode: string | undefined, context: OperationContext): Promise<OrderResult> {
    const input: OrderInput = { kind: 'ship', ...(trackingCode ? { trackingCode } : {}) };
    return this.change(id, context, (_, isStaff) => (isStaff ? input : undefined));
  }

  deliver(id: string, context: OperationContext): Promise<OrderResult> {
    return this.change(id, context, (_, isStaff) => (isStaff ? { kind: 'deliver' } : undefined));
  }

  private async change(
    id: string,
    context: OperationContext,
    inputFor: (isBuyer: boolean, isStaff: boolean) => OrderInput | undefined,
  ): Promise<OrderResult> {
    const stored = await this.orders.find(id);
    if (!stored) return notFound('Order', id);
    const isBuyer = stored.state.buyerId === context.accountId;
    const isStaff = await this.staff.has(context.signedIn, stored.state.merchantId);
    if (!isBuyer && !isStaff) return notFound('Order', id);
    const input = inputFor(isBuyer, isStaff);
    if (!input) throw new ForbiddenError("Only the merchant's staff does that");
    const outcome = await this.advance.give(id, input, { commandId: context.commandId });
    if (!outcome) return notFound('Order', id);
    const { refused } = outcome.result ?? {};
    return refused ? wrongState(refused) : { __typename: 'Order', ...toOrderView(id, outcome.stored.state) };
  }
}

const wrongState = (state: OrderStatus): OrderResult => ({
  __typename: 'WrongState',
  code: 'WRONG_STATE',
  message: `The order is ${state}`,
  state,
});
