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
  type EventContract,
  type EventOf,
  type InputOf,
  type OperationContract,
  type OrderSnapshot,
  type OutputOf,
  type ProductView,
  type VariantView,
} from '#contracts';
import { connectDatabase, databaseName } from '#persistence';
import { Clock, OperationClient, OperationRegistry, startService, type RunningService } from '#service-kit';
import {
  captureEvents,
  eventPublisher,
  eventually,
  fakeIdentity,
  recordQueries,
  startTestServers,
  type CapturedEvents,
  type EventPublisher,
  type FakeIdentity,
  type QueryRecorder,
  type SignedIn,
  type TestServers,
} from '#testing';
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
export class CatalogWorld {
  readonly client: OperationClient;
  readonly clock = new ShiftedClock();
  private readonly captures: CapturedEvents[] = [];
  private shops = 0;

  private constructor(
    readonly servers: TestServers,
    readonly identity: FakeIdentity,
    readonly events: EventPublisher,
    readonly queries: QueryRecorder,
    private readonly registry: OperationRegistry,
    private readonly variables: Record<string, string>,
  ) {
    this.client = new OperationClient({ registry });
  }

  private service: RunningService | undefined;
  private second: RunningService | undefined;

  static async start(settings: Record<string, string> = {}): Promise<CatalogWorld> {
    const servers = await startTestServers();
    const queries = recordQueries();
    const registry = new OperationRegistry();
    const identity = await fakeIdentity(servers.namespace);
    registry.register('identity', identity.host);
    const variables = {
      KAFKA_BROKERS: servers.kafkaBrokers.join(),
      MONGODB_URI: servers.mongodbUri,
      GRAPEVINE_NAMESPACE: servers.namespace,
      LOG_LEVEL: 'silent',
      // Tests say themselves when it is time to sweep.
      CATALOG_SWEEP_MS: '3600000',
      ...settings,
    };
    const world = new CatalogWorld(servers, identity, eventPublisher(servers), queries, registry, variables);
    await world.startAgain();
    return world;
  }

  /** The service's own, for what a dying process would have done. To be closed by the test. */
  connect() {
    return connectDatabase({
      uri: this.servers.mongodbUri,
      name: databaseName(this.servers.namespace, definition.name),
    });
  }

  async shutDown(): Promise<void> {
    await this.service?.close();
  }

  async startAgain(): Promise<void> {
    this.service = await this.startInstance(this.registry);
  }

  /** Shares events and database with the first. Resolves when it has its part of the events. */
  async startSecond(): Promise<void> {
    const registry = new OperationRegistry();
    registry.register('identity', this.identity.host);
    this.second = await this.startInstance(registry);
    await this.second.ready();
  }

  /** One look after holds. */
  async sweep(): Promise<void> {
    await this.service?.get(SweepHolds).sweep();
  }

  private startInstance(registry: OperationRegistry): Promise<RunningService> {
    return startService(definition, { variables: this.variables, registry, clock: this.clock });
  }

  /** What is published from now on and before, until the world stops. */
  async capture(...contracts: EventContract[]): Promise<CapturedEvents> {
    const captured = await captureEvents(this.servers, contracts);
    this.captures.push(captured);
    return captured;
  }

  async stop(): Promise<void> {
    this.queries.stop();
    await Promise.all(this.captures.map((captured) => captured.close()));
    await Promise.all([this.service?.close(), this.second?.close()]);
    await this.events.close();
    await this.servers.stop();
  }

  as<Contract extends OperationContract>(
    person: SignedIn | null,
    contract: Contract & OperationContract<InputOf<Contract>, OutputOf<Contract>>,
    input: InputOf<Contract>,
  ): Promise<OutputOf<Contract>> {
    return this.client.call(contract, input, { token: person?.token ?? null, deadlineMs: 30_000 });
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
