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
  type EventEnvelope,
  type InputOf,
  type OperationContract,
  type OrderSnapshot,
  type OutputOf,
  type ProductView,
  type VariantView,
} from '#contracts';
import { connectDatabase, databaseName } from '#persistence';
import { OperationClient, OperationRegistry, startService, type RunningService } from '#service-kit';
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

/** The service between a broker and a database, with a stand-in for identity and the events of orders made by hand. */
export class CatalogWorld {
  readonly client: OperationClient;
  private readonly captures: CapturedEvents[] = [];
  private shops = 0;

  private constructor(
    readonly servers: TestServers,
    readonly identity: FakeIdentity,
    readonly events: EventPublisher,
    readonly queries: QueryRecorder,
    private readonly registry: OperationRegistry,
    private service: RunningService,
    private readonly variables: Record<string, string>,
  ) {
    this.client = new OperationClient({ registry });
  }

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
      CATALOG_SWEEP_MS: '100',
      CATALOG_FORGET_AFTER_MS: '100',
      ...settings,
    };
    const service = await startService(definition, { variables, registry });
    return new CatalogWorld(servers, identity, eventPublisher(servers), queries, registry, service, variables);
  }

  /** The service's own, for what a dying process would have done. To be closed by the test. */
  connect() {
    return connectDatabase({
      uri: this.servers.mongodbUri,
      name: databaseName(this.servers.namespace, definition.name),
    });
  }

  async shutDown(): Promise<void> {
    await this.service.close();
  }

  async startAgain(): Promise<void> {
    this.service = await startService(definition, { variables: this.variables, registry: this.registry });
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
    await this.service.close();
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

  placed({ orderId, snapshot }: ToldOrder, reserveUntil = inMinutes(20), version = 1): Promise<EventEnvelope> {
    const data = { ...snapshot, reserveUntil: reserveUntil.toISOString() };
    return this.events.publish(OrderPlaced, data, { subject: orderId, version });
  }
  confirmed({ orderId, snapshot }: ToldOrder, version = 4): Promise<EventEnvelope> {
    return this.events.publish(OrderConfirmed, { ...snapshot, state: 'CONFIRMED' }, { subject: orderId, version });
  }
  cancelling({ orderId, snapshot }: ToldOrder, version = 5): Promise<EventEnvelope> {
    return this.events.publish(OrderCancelling, { ...snapshot, state: 'CANCELLING' }, { subject: orderId, version });
  }
  cancelled({ orderId, snapshot }: ToldOrder, version = 6): Promise<EventEnvelope> {
    return this.events.publish(OrderCancelled, { ...snapshot, state: 'CANCELLED' }, { subject: orderId, version });
  }
  /** Resolves when the service has dealt with all that was told of orders. */
  heard(): Promise<void> {
    return this.events.untilRead('catalog.stock', [OrderPlaced]);
  }
}

export const inMinutes = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);

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
