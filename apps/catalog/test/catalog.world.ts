import {
  CreateMerchant,
  CreateProduct,
  money,
  OrderCancelled,
  OrderCancelling,
  OrderConfirmed,
  OrderPlaced,
  typeIds,
  VariantsByIds,
  type EventOf,
  type InputOf,
  type OrderSnapshot,
  type OutputOf,
  type ProductView,
  type VariantView,
} from '#contracts';
import { Clock } from '#service-kit';
import { eventually, ServiceWorld, surroundingsOf, type ServiceSurroundings, type SignedIn } from '#testing';
import { definition } from '../src/catalog.service.js';
import { SweepHolds } from '../src/stock/sweep-holds.handler.js';

/** How long an order's pieces are set aside: tokens outlive several of it. */
export const RESERVED_MINUTES = 5;
export const PATIENTLY = { timeoutMs: 30_000 } as const;

export interface Shop {
  readonly owner: SignedIn;
  readonly merchantId: string;
}
export type ProductInput = InputOf<typeof CreateProduct>;
export type VariantDraft = ProductInput['variants'][number];

/** An order of some variants, told as the order service would. */
export interface ToldOrder {
  readonly orderId: string;
  readonly snapshot: OrderSnapshot;
}

/** Runs as the real one does, and can be set forward. */
class ShiftedClock extends Clock {
  private byMs = 0;

  now(): Date {
    return new Date(Date.now() + this.byMs);
  }

  forward(minutes: number): void {
    this.byMs += minutes * 60_000;
  }
}

/** The service between a broker and a database, with a stand-in for identity and the events of orders made by hand. */
export class CatalogWorld extends ServiceWorld {
  private shops = 0;

  private constructor(
    surroundings: ServiceSurroundings,
    readonly clock: ShiftedClock,
  ) {
    super(surroundings);
  }

  static async start(given: Record<string, string> = {}): Promise<CatalogWorld> {
    const clock = new ShiftedClock();
    // Tests say themselves when it is time to sweep.
    const settings = { CATALOG_SWEEP_MS: '3600000', ...given };
    const world = new CatalogWorld(await surroundingsOf(definition, { settings, clock }), clock);
    await world.startAgain();
    return world;
  }

  /** One look after holds. */
  async sweep(): Promise<void> {
    await this.service.get(SweepHolds).sweep();
  }

  /** Somebody with a merchant of their own. */
  async shop(currency = 'EUR'): Promise<Shop> {
    const owner = await this.identity.signIn();
    const handle = `shop-${++this.shops}-${owner.accountId.slice(-6)}`;
    const result = await this.as(owner, CreateMerchant, { name: 'Shop', handle, currency });
    if (result.__typename !== 'Merchant') throw new Error(JSON.stringify(result));
    return { owner, merchantId: result.id };
  }

  create({ owner, merchantId }: Shop, input: Partial<ProductInput> = {}): Promise<OutputOf<typeof CreateProduct>> {
    const given = {
      merchantId,
      title: 'Desk lamp',
      description: '',
      tags: [],
      images: [],
      variants: [variantOf(3)],
      status: 'ACTIVE' as const,
    };
    return this.as(owner, CreateProduct, { ...given, ...input });
  }

  async product(shop: Shop, input: Partial<ProductInput> = {}): Promise<ProductView> {
    const result = await this.create(shop, input);
    if (result.__typename !== 'Product') throw new Error(JSON.stringify(result));
    return result;
  }

  /** The only variant of a new product. */
  async variant(shop: Shop, onHand: number, input: Partial<ProductInput> = {}): Promise<VariantView> {
    const { variants } = await this.product(shop, { ...input, variants: [variantOf(onHand)] });
    const [variant] = variants;
    if (variant === undefined) throw new Error('no variant');
    return variant;
  }

  async available(variantId: string): Promise<number> {
    const [variant] = await this.as(null, VariantsByIds, { ids: [variantId] });
    if (variant === undefined) throw new Error(`no ${variantId}`);
    return variant.available;
  }

  /** Waits until it is so, and stays wrong for at most half a minute. */
  async untilAvailable(variantId: string, count: number): Promise<void> {
    await eventually(async () => {
      const available = await this.available(variantId);
      if (available !== count) throw new Error(`${available} of ${variantId} are available, not ${count}`);
    }, PATIENTLY);
  }

  // ---- orders, as their service tells them

  placed({ orderId, snapshot }: ToldOrder, version = 1): Promise<EventOf<typeof OrderPlaced>> {
    const reserveUntil = new Date(this.clock.now().getTime() + RESERVED_MINUTES * 60_000);
    const data = { ...snapshot, reserveUntil: reserveUntil.toISOString() };
    return this.events.publish(OrderPlaced, data, { subject: orderId, version });
  }
  confirmed({ orderId, snapshot }: ToldOrder, version = 4): Promise<EventOf<typeof OrderConfirmed>> {
    return this.events.publish(OrderConfirmed, { ...snapshot, state: 'CONFIRMED' }, { subject: orderId, version });
  }
  cancelling({ orderId, snapshot }: ToldOrder, version = 5): Promise<EventOf<typeof OrderCancelling>> {
    return this.events.publish(OrderCancelling, { ...snapshot, state: 'CANCELLING' }, { subject: orderId, version });
  }
  cancelled({ orderId, snapshot }: ToldOrder, version = 6): Promise<EventOf<typeof OrderCancelled>> {
    return this.events.publish(OrderCancelled, { ...snapshot, state: 'CANCELLED' }, { subject: orderId, version });
  }
  /** Resolves when the service has dealt with all that was told of orders. */
  heard(): Promise<void> {
    return this.events.untilRead('catalog.stock', [OrderPlaced]);
  }
}

export const variantOf = (onHand: number, more: Partial<VariantDraft> = {}): VariantDraft => ({
  options: [],
  price: money(4900, 'EUR'),
  onHand,
  ...more,
});

export function orderOf(...lines: readonly (readonly [variant: VariantView, quantity: number])[]): ToldOrder {
  const orderId = typeIds.next('order');
  const none = money(0, 'EUR');
  const merchantId = lines[0]?.[0].merchantId ?? typeIds.next('merchant');
  const snapshot: OrderSnapshot = {
    orderId,
    number: 'A-1',
    state: 'PENDING',
    merchantId,
    buyerId: typeIds.next('account'),
    buyerProfileId: typeIds.next('profile'),
    lines: lines.map(([{ id: variantId, productId, price }, quantity]) => ({
      id: typeIds.next('line'),
      variantId,
      productId,
      title: 'Desk lamp',
      quantity,
      unitPrice: price,
      lineTotal: money(price.amountMinor * quantity, price.currency),
    })),
    subtotal: none,
    shipping: none,
    tax: none,
    total: none,
    payment: { state: 'NONE', captured: none, refunded: none },
  };
  return { orderId, snapshot };
}
