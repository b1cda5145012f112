import { Controller } from '@nestjs/common';
import {
  CancelOrder,
  DeliverOrder,
  OrdersByIds,
  OrdersOfCaller,
  OrdersOfMerchant,
  PlaceOrder,
  PurchasesOfCaller,
  ShipOrder,
  type InputOf,
  type OrderView,
  type OutputOf,
  type Page,
} from '#contracts';
import { placeOf, toPage, type Stored } from '#persistence';
import { ForbiddenError, Handles, type OperationContext } from '#service-kit';
import { Staff } from '../catalog/staff.policy.js';
import { ChangeOrder } from './change-order.handler.js';
import type { Order } from './order.js';
import { OrderRepository, type PageOf } from './order.repository.js';
import { toOrderView } from './order.view.js';
import { PlaceOrderHandler } from './place-order.handler.js';

const CURSOR = 'orders';

@Controller()
export class OrderController {
  constructor(
    private readonly orders: OrderRepository,
    private readonly staff: Staff,
    private readonly placing: PlaceOrderHandler,
    private readonly changing: ChangeOrder,
  ) {}

  @Handles(OrdersByIds)
  async byIds(
    { ids }: InputOf<typeof OrdersByIds>,
    { signedIn }: OperationContext,
  ): Promise<OutputOf<typeof OrdersByIds>> {
    const found = await this.orders.findMany(ids);
    const isOwn = ({ state }: Stored<Order>): boolean => state.buyerId === signedIn.accountId;
    const others = found.filter((order) => !isOwn(order)).map(({ state }) => state.merchantId);
    const merchants = others.length > 0 ? await this.staff.of(signedIn, others) : new Set<string>();
    return found
      .filter((order) => isOwn(order) || merchants.has(order.state.merchantId))
      .map(({ id, state }) => toOrderView(id, state));
  }

  @Handles(OrdersOfCaller)
  ofCaller(
    input: InputOf<typeof OrdersOfCaller>,
    { accountId }: OperationContext,
  ): Promise<OutputOf<typeof OrdersOfCaller>> {
    return pageOf(input, (page) => this.orders.ofBuyer(accountId, page));
  }

  @Handles(OrdersOfMerchant)
  async ofMerchant(
    input: InputOf<typeof OrdersOfMerchant>,
    { signedIn }: OperationContext,
  ): Promise<OutputOf<typeof OrdersOfMerchant>> {
    const { merchantId, states } = input;
    if (!(await this.staff.has(signedIn, merchantId))) throw new ForbiddenError("Only the merchant's staff sees that");
    return pageOf(input, (page) => this.orders.ofMerchant(merchantId, states ?? [], page));
  }

  @Handles(PurchasesOfCaller)
  async purchases(
    { orderLineIds }: InputOf<typeof PurchasesOfCaller>,
    { accountId }: OperationContext,
  ): Promise<OutputOf<typeof PurchasesOfCaller>> {
    const wanted = new Set(orderLineIds);
    const found = await this.orders.ofLines(orderLineIds);
    return found
      .filter(({ state }) => state.buyerId === accountId)
      .flatMap(({ id: orderId, state: { lines, merchantId, state } }) =>
        lines
          .filter(({ id }) => wanted.has(id))
          .map(({ id, productId, variantId }) => ({
            orderLineId: id,
            orderId,
            productId,
            variantId,
            merchantId,
            state,
          })),
      );
  }

  @Handles(PlaceOrder)
  place(input: InputOf<typeof PlaceOrder>, context: OperationContext): Promise<OutputOf<typeof PlaceOrder>> {
    return this.placing.run(input, context);
  }

  @Handles(CancelOrder)
  cancel({ id }: InputOf<typeof CancelOrder>, context: OperationContext): Promise<OutputOf<typeof CancelOrder>> {
    return this.changing.cancel(id, context);
  }

  @Handles(ShipOrder)
  ship(
    { id, trackingCode }: InputOf<typeof ShipOrder>,
    context: OperationContext,
  ): Promise<OutputOf<typeof ShipOrder>> {
    return this.changing.ship(id, trackingCode ?? undefined, context);
  }

  @Handles(DeliverOrder)
  deliver({ id }: InputOf<typeof DeliverOrder>, context: OperationContext): Promise<OutputOf<typeof DeliverOrder>> {
    return this.changing.deliver(id, context);
  }
}

async function pageOf(
  { first, after }: { first: number; after?: string | null | undefined },
  find: (page: PageOf) => Promise<Stored<Order>[]>,
): Promise<Page<OrderView>> {
  const found = await find({ beforeId: placeOf(CURSOR, after), limit: first + 1 });
  const rows = found.map(({ id, state }) => ({ place: id, node: toOrderView(id, state) }));
  return toPage(CURSOR, first, rows);
}
