import type { Acknowledged, Booking, Message, OrderSeen, Recording } from './recording.js';
import type { ProductShown, ReviewShown, Shown } from './shown.js';

/** What becomes of an order. */
export type Fate = 'sold' | 'declined' | 'expired';
export interface PlannedOrder {
  readonly variant: number;
  readonly quantity: number;
  readonly fate: Fate;
}

export const INITIAL = 6;
const PRICE_MINOR = 4900;
const STOCK = 'catalog.stock.v1';
const ORDER = 'order.order.v1';
const REVIEW = 'reputation.review.v1';
const SCORE = 'reputation.score.v1';
/** Seven reviews of 3.5 stars stand beside those of 5 and of 2. */
const RATING = { count: 2, average: 3.5, distribution: [0, 1, 0, 0, 1], score: 3.5 };

interface Level {
  onHand: number;
  reserved: number;
}

/** Writes the recording that a flawless shop would leave behind. */
class Shop {
  readonly messages: Message[] = [];
  private readonly versions = new Map<string, number>();
  readonly levels: Level[] = [0, 1].map(() => ({ onHand: INITIAL, reserved: 0 }));
  readonly orders: OrderSeen[] = [];
  readonly books: Booking[] = [];
  readonly acknowledged: Acknowledged[] = [];
  private readonly reviews: ReviewShown[] = [];

  emit(topic: string, type: string, subject: string, data: object): void {
    const version = (this.versions.get(subject) ?? 0) + 1;
    this.versions.set(subject, version);
    const eventId = `event-${this.messages.length}`;
    const place = { topic, partition: 0, offset: this.messages.length };
    this.messages.push({ ...place, eventId, type, subject, version, value: JSON.stringify(data), poison: false });
  }

  stock(type: string, variant: number, change: Partial<Level>, order: object = {}): void {
    const level = this.levels[variant]!;
    level.onHand += change.onHand ?? 0;
    level.reserved += change.reserved ?? 0;
    const available = level.onHand - level.reserved;
    this.emit(STOCK, type, variantIdOf(variant), { variantId: variantIdOf(variant), ...level, available, ...order });
  }

  order(orderId: string, state: string, quantity: number): void {
    const type = state === 'PENDING' ? 'order.placed' : `order.${state.toLowerCase()}`;
    this.emit(ORDER, type, orderId, { state, total: { amountMinor: quantity * PRICE_MINOR } });
  }

  /** Two people say what they think of product-0. */
  review(): void {
    for (const [index, stars] of [5, 2].entries()) {
      const reviewId = `review-${index}`;
      const review = { reviewId, authorId: `author-${index}`, stars, text: 'Bright.' };
      const createdAt = `2026-11-25T12:00:0${index}.000Z`;
      this.emit(REVIEW, 'review.published', reviewId, { ...review, productId: 'product-0', createdAt });
      this.acknowledged.push({ kind: 'review', key: `key of ${reviewId}`, id: reviewId });
      this.reviews.unshift({ ...review, reply: null });
    }
    const told = { ...RATING, formulaVersion: 'bayes-7-3.5', asOf: '2026-11-25T12:00:01.000Z' };
    this.emit(SCORE, 'rating.changed', 'product-0', told);
  }

  get product(): ProductShown {
    return { productId: 'product-0', rating: RATING, reviews: this.reviews, posts: [] };
  }

  end(orderId: string, state: string, capturedMinor: number): void {
    const captures = capturedMinor > 0 ? 1 : 0;
    this.orders.push({ id: orderId, state, finalAfterMs: 10 });
    this.books.push({ orderId, captures, refunds: 0, capturedMinor, refundedMinor: 0 });
    this.acknowledged.push({ kind: 'order', key: `key of ${orderId}`, id: orderId });
  }
}

export const NOTHING_SHOWN: Shown = { people: [], posts: [], readers: [], products: [], merchants: [], links: [] };

export const variantIdOf = (variant: number): string => `variant-${variant}`;

/** Returns how the order ends, later. */
function begin(shop: Shop, orderId: string, { variant, quantity, fate }: PlannedOrder): () => void {
  const order = { orderId, quantity };
  const level = shop.levels[variant]!;
  shop.order(orderId, 'PENDING', quantity);
  if (level.onHand - level.reserved < quantity) {
    shop.stock('stock.rejected', variant, {}, order);
    return () => cancel(shop, orderId, quantity, () => shop.stock('stock.released', variant, {}, order));
  }
  shop.stock('stock.reserved', variant, { reserved: quantity }, order);
  shop.order(orderId, 'RESERVED', quantity);
  if (fate === 'expired') {
    shop.stock('stock.released', variant, { reserved: -quantity }, order);
    return () => cancel(shop, orderId, quantity, () => shop.stock('stock.released', variant, {}, order));
  }
  if (fate === 'declined')
    return () =>
      cancel(shop, orderId, quantity, () => shop.stock('stock.released', variant, { reserved: -quantity }, order));
  return () => {
    shop.order(orderId, 'PAID', quantity);
    shop.order(orderId, 'CONFIRMED', quantity);
    shop.stock('stock.committed', variant, { onHand: -quantity, reserved: -quantity }, order);
    shop.end(orderId, 'CONFIRMED', quantity * PRICE_MINOR);
  };
}

function cancel(shop: Shop, orderId: string, quantity: number, giveBack: () => void): void {
  shop.order(orderId, 'CANCELLING', quantity);
  giveBack();
  shop.order(orderId, 'CANCELLED', quantity);
  shop.end(orderId, 'CANCELLED', 0);
}

/** What aggregates and consumers make of messages that are all right, copies left out. */
export function believed(messages: readonly Message[]): Pick<Recording, 'aggregates' | 'consumers' | 'declaredGroups'> {
  const last = new Map<string, number>();
  for (const { subject, version } of messages) last.set(subject, Math.max(last.get(subject) ?? 0, version));
  const types = [...new Set(messages.map(({ type }) => type))];
  return {
    aggregates: [...last].map(([id, version]) => ({ place: 'shop', id, version })),
    consumers: [
      { group: 'shop.all', types, handled: [...new Set(messages.map(({ eventId }) => eventId))] },
      { group: 'shop.nothing', types: [], handled: [] },
    ],
    declaredGroups: ['shop.all', 'shop.nothing'],
  };
}

/** All orders begin before the first ends; some messages are there twice, as deliveries are. */
export function recordedHistory(plan: readonly PlannedOrder[], copies: readonly number[]): Recording {
  const shop = new Shop();
  for (const variant of shop.levels.keys()) shop.stock('stock.set', variant, {});
  const endings = plan.map((planned, index) => begin(shop, `order-${index}`, planned));
  for (const end of endings) end();
  shop.review();
  const again = copies.map((copy) => shop.messages[copy % shop.messages.length]!);
  return {
    faults: [{ name: 'kill -9 order-1', placing: 3, underWayAfter: 2, asked: 4, lastedMs: 3_000 }],
    messages: [...shop.messages, ...again],
    orders: shop.orders,
    books: shop.books,
    variants: shop.levels.map(({ onHand, reserved }, variant) => ({
      variantId: variantIdOf(variant),
      initial: INITIAL,
      available: onHand - reserved,
    })),
    shown: { ...NOTHING_SHOWN, products: [shop.product] },
    acknowledged: shop.acknowledged,
    lastWords: [],
    opened: [],
    unanswered: 0,
    parked: [],
    outboxes: [],
    ...believed(shop.messages),
    finalWithinMs: 30_000,
  };
}
