import {
  MerchantRecords,
  MerchantsByIds,
  OrderDelivered,
  PurchasesOfCaller,
  RatingsOfProducts,
  typeIds,
  WriteReview,
  type MerchantView,
  type OrderSnapshot,
  type OutputOf,
} from '#contracts';
import { ServiceUnavailableError, type OperationHost } from '#service-kit';
import { ServiceWorld, surroundingsOf, type ServiceSurroundings, type SignedIn } from '#testing';
import { definition } from '../src/reputation.service.js';

type KnownPurchase = OutputOf<typeof PurchasesOfCaller>[number];

/** Stands in for order and catalog: answers what a test lists, and can be down. */
export class FakeNeighbours implements OperationHost {
  /** By the buyer's token. */
  readonly purchases = new Map<string, KnownPurchase[]>();
  readonly merchants = new Map<string, MerchantView>();
  isDown = false;

  async dispatch({ operation, input, token }: Parameters<OperationHost['dispatch']>[0]): Promise<unknown> {
    if (this.isDown) throw new ServiceUnavailableError('is down');
    if (operation === MerchantsByIds.name)
      return MerchantsByIds.input.parse(input).ids.flatMap((id) => this.merchants.get(id) ?? []);
    const { orderLineIds } = PurchasesOfCaller.input.parse(input);
    return (this.purchases.get(token ?? '') ?? []).filter((purchase) => orderLineIds.includes(purchase.orderLineId));
  }
}

/** An order of one piece of each of some products. */
export function anOrder(buyer: SignedIn, merchantId: string, productIds: readonly string[]): OrderSnapshot {
  const [line] = OrderDelivered.example.lines;
  if (!line) throw new Error('the example has no line');
  return {
    ...OrderDelivered.example,
    orderId: typeIds.next('order'),
    buyerId: buyer.accountId,
    buyerProfileId: buyer.profileId,
    merchantId,
    lines: productIds.map((productId) => ({ ...line, id: typeIds.next('line'), productId })),
  };
}

/** The service between a broker and a database, with stand-ins for its neighbours. */
export class ReputationWorld extends ServiceWorld {
  private constructor(
    surroundings: ServiceSurroundings,
    readonly neighbours: FakeNeighbours,
  ) {
    super(surroundings);
  }

  static async start(): Promise<ReputationWorld> {
    const neighbours = new FakeNeighbours();
    const surroundings = await surroundingsOf(definition, {
      neighbours: (registry) => {
        registry.register('order', neighbours);
        registry.register('catalog', neighbours);
      },
    });
    const world = new ReputationWorld(surroundings, neighbours);
    await world.startAgain();
    return world;
  }

  /** Makes an order that the order service knows, in this state; no event is published of it. */
  order(buyer: SignedIn, merchantId: string, productIds: string[], state: KnownPurchase['state']): OrderSnapshot {
    const order = anOrder(buyer, merchantId, productIds);
    const { orderId } = order;
    const purchases = order.lines.map(({ id, productId, variantId }): KnownPurchase => {
      return { orderLineId: id, orderId, productId, variantId, merchantId, state };
    });
    this.neighbours.purchases.set(buyer.token, [...(this.neighbours.purchases.get(buyer.token) ?? []), ...purchases]);
    return order;
  }

  async review(buyer: SignedIn, orderLineId: string, stars: number, text = ''): Promise<string> {
    const result = await this.as(buyer, WriteReview, { orderLineId, stars, text });
    if (result.__typename !== 'Review') throw new Error(JSON.stringify(result));
    return result.id;
  }

  async rating(productId: string) {
    const [rating] = await this.as(null, RatingsOfProducts, { ids: [productId] });
    return rating;
  }

  async record(merchantId: string) {
    const [record] = await this.as(null, MerchantRecords, { ids: [merchantId] });
    return record;
  }
}
