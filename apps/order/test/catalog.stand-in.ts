import { randomUUID } from 'node:crypto';
import {
  MerchantsByIds,
  OrderCancelled,
  OrderCancelling,
  OrderConfirmed,
  OrderPlaced,
  StockCommitted,
  StockRejected,
  StockReleased,
  StockReserved,
  StockRestocked,
  typeIds,
  VariantsByIds,
  type EventContract,
  type EventEnvelope,
  type MerchantView,
  type OrderLineView,
  type OrderSnapshot,
  type VariantView,
} from '#contracts';
import { decodeEvent, KafkaMessageBus, typeOf, type IncomingMessage } from '#messaging';
import { ServiceUnavailableError, type OperationHost } from '#service-kit';
import { eventPublisher, type EventPublisher, type TestServers } from '#testing';

type StockContract =
  typeof StockReserved | typeof StockRejected | typeof StockReleased | typeof StockCommitted | typeof StockRestocked;
interface Told {
  readonly contract: StockContract;
  readonly event: EventEnvelope;
}
interface Stock {
  onHand: number;
  version: number;
  readonly holds: Map<string, { readonly state: 'RESERVED' | 'SOLD' | 'NONE'; readonly quantity: number }>;
}

const ORDER_EVENTS = [OrderPlaced, OrderConfirmed, OrderCancelling, OrderCancelled] as const;

/** Stands in for the catalog: answers what it is asked, sets pieces aside by events, and can be slow or down. */
export class CatalogStandIn implements OperationHost {
  readonly merchants = new Map<string, MerchantView>();
  readonly variants = new Map<string, VariantView>();
  /** Everything it has published of stock. */
  readonly told: Told[] = [];
  isDown = false;
  /** Publishes each event this often. */
  copies = 1;
  private readonly stocks = new Map<string, Stock>();
  private readonly read = new Set<string>();
  private readonly waiting: EventEnvelope[] = [];
  private silent: string | undefined;
  private work: Promise<void> = Promise.resolve();

  private constructor(
    readonly events: EventPublisher,
    private readonly bus: KafkaMessageBus,
  ) {}

  static async start(servers: TestServers): Promise<CatalogStandIn> {
    const { kafkaBrokers: brokers, namespace } = servers;
    const bus = new KafkaMessageBus({ brokers, namespace, clientId: 'catalog-stand-in' });
    const catalog = new CatalogStandIn(eventPublisher(servers), bus);
    await bus.ensureTopics([{ topic: OrderPlaced.topic }, { topic: StockReserved.topic }]);
    bus.subscribe({
      group: `catalog-${randomUUID()}`,
      topics: [OrderPlaced.topic],
      listener: {
        onAssigned: () => undefined,
        onRevoked: () => undefined,
        onMessages: (_from, messages) => messages.forEach((message) => catalog.take(message)),
      },
    });
    return catalog;
  }

  async close(): Promise<void> {
    await this.bus.close();
    await this.work;
    await this.events.close();
  }

  async dispatch({ operation, input }: Parameters<OperationHost['dispatch']>[0]): Promise<unknown> {
    if (this.isDown) throw new ServiceUnavailableError('is down');
    if (operation === MerchantsByIds.name)
      return MerchantsByIds.input.parse(input).ids.flatMap((id) => this.merchants.get(id) ?? []);
    return VariantsByIds.input.parse(input).ids.flatMap((id) => {
      const variant = this.variants.get(id);
      return variant ? [{ ...variant, available: this.availableOf(id) }] : [];
    });
  }

  stock(variantId: string, onHand: number): void {
    this.stocks.set(variantId, { onHand, version: 0, holds: new Map() });
  }

  availableOf(variantId: string): number {
    const stock = this.stocks.get(variantId);
    return stock ? stock.onHand - reservedOf(stock) : 0;
  }

  /** What is physically there: sold pieces have left. */
  onHandOf(variantId: string): number {
    return this.stocks.get(variantId)?.onHand ?? 0;
  }

  /** From now on orders wait for an answer: all, or those of this variant. */
  fallSilent(variantId = ''): void {
    this.silent = variantId;
  }

  /** Answers what has waited. */
  async speak(): Promise<void> {
    this.silent = undefined;
    for (const event of this.waiting.splice(0)) this.work = this.work.then(() => this.answer(event));
    await this.work;
  }

  /** All that it has told of an order, again, in this order. */
  async repeat(orderId: string, arrange = (told: Told[]): Told[] => told): Promise<void> {
    await this.work;
    const about = this.told.filter(({ event }) => (event.data as { orderId: string }).orderId === orderId);
    for (const { contract, event } of arrange(about)) await this.events.repeat(contract as EventContract, event);
  }

  /** Each event once: what is fetched again after a rebalance was read already. */
  private take(message: IncomingMessage): void {
    const contract = ORDER_EVENTS.find(({ type }) => type === typeOf(message));
    const place = `${message.partition}|${message.offset}`;
    if (!contract || this.read.has(place)) return;
    this.read.add(place);
    const event = decodeEvent(contract as EventContract, message);
    if (this.isSilent(event)) this.waiting.push(event);
    else this.work = this.work.then(() => this.answer(event));
  }

  private isSilent({ data }: EventEnvelope): boolean {
    const { silent } = this;
    if (silent === undefined) return false;
    return silent === '' || (data as OrderSnapshot).lines.some(({ variantId }) => variantId === silent);
  }

  private async answer({ type, data }: EventEnvelope): Promise<void> {
    const order = data as OrderSnapshot;
    for (const line of order.lines) {
      const stock = this.stocks.get(line.variantId);
      const answer = stock && decide(stock, type, order.orderId, line);
      if (stock && answer) await this.tell(stock, answer, order, line);
    }
  }

  private async tell(stock: Stock, contract: StockContract, order: OrderSnapshot, line: OrderLineView): Promise<void> {
    const { variantId, productId, quantity } = line;
    const reserved = reservedOf(stock);
    const level = { onHand: stock.onHand, reserved, available: stock.onHand - reserved };
    const data = { variantId, productId, merchantId: order.merchantId, ...level, orderId: order.orderId, quantity };
    const more = { expiresAt: new Date(Date.now() + 3_600_000).toISOString(), reason: 'CANCELLED' as const };
    stock.version += 1;
    const place = { subject: variantId, version: stock.version };
    const event = await this.events.publish(contract as EventContract, { ...data, ...more }, place);
    this.told.push({ contract, event });
    for (let copy = 1; copy < this.copies; copy++) await this.events.repeat(contract as EventContract, event);
  }
}

const reservedOf = ({ holds }: Stock): number =>
  [...holds.values()].reduce((sum, { state, quantity }) => sum + (state === 'RESERVED' ? quantity : 0), 0);

/** Does what an order asks, and says it by which event; undefined when it was done before. */
function decide(stock: Stock, type: string, orderId: string, { quantity }: OrderLineView): StockContract | undefined {
  const state = stock.holds.get(orderId)?.state;
  if (type === OrderPlaced.type) {
    if (state) return undefined;
    const isThere = stock.onHand - reservedOf(stock) >= quantity;
    stock.holds.set(orderId, { state: isThere ? 'RESERVED' : 'NONE', quantity });
    return isThere ? StockReserved : StockRejected;
  }
  if (type === OrderConfirmed.type) {
    if (state !== 'RESERVED') return undefined;
    stock.onHand -= quantity;
    stock.holds.set(orderId, { state: 'SOLD', quantity });
    return StockCommitted;
  }
  if (state === undefined || state === 'NONE') return undefined;
  if (state === 'SOLD') stock.onHand += quantity;
  stock.holds.set(orderId, { state: 'NONE', quantity });
  return state === 'SOLD' ? StockRestocked : StockReleased;
}

/** A variant that is for sale. */
export const aVariant = (merchantId: string, priceMinor: number): VariantView => ({
  id: typeIds.next('variant'),
  productId: typeIds.next('product'),
  merchantId,
  options: [],
  price: { amountMinor: priceMinor, currency: 'EUR' },
  available: 0,
  priceVersion: 1,
  productTitle: 'Desk lamp',
  productStatus: 'ACTIVE',
});
