import { expect } from '@jest/globals';
import {
  AddToCart,
  CancelOrder,
  MerchantCreated,
  OrdersByIds,
  PlaceOrder,
  typeIds,
  type CartView,
  type EventContract,
  type InputOf,
  type OperationContract,
  type OrderStatus,
  type OrderView,
  type OutputOf,
  type VariantView,
} from '#contracts';
import {
  freePort,
  captureEvents,
  eventually,
  fakeIdentity,
  recordQueries,
  startTestServers,
  type CapturedEvents,
  type FakeIdentity,
  type QueryRecorder,
  type SignedIn,
  type TestServers,
} from '#testing';
import { aVariant, CatalogStandIn } from './catalog.stand-in.js';
import { AppProcess } from './child.process.js';
import { Alone, InProcess, type Neighbours, type OrderRunner } from './order.runner.js';
import { ProviderGate } from './provider.gate.js';

const WITHIN = { timeoutMs: 30_000 };
/** A laptop's, where nobody wants to wait. */
const TIMES = {
  PAYMENT_DEADLINE_MS: '1000',
  ORDER_GRACE_MS: '2500',
  ORDER_RETRY_MS: '100',
  ORDER_SWEEP_MS: '100',
};
const SANDBOX = {
  PAYMENT_SANDBOX_DECIDE_MS: '1500',
  PAYMENT_SANDBOX_LATE_MS: '500',
  PAYMENT_SANDBOX_CALLBACK_RETRY_MS: '100',
};
export const ADDRESS = { name: 'Ben', line1: 'Street 1', city: 'Berlin', country: 'DE' };

export interface Shop {
  readonly owner: SignedIn;
  readonly merchantId: string;
  readonly variant: VariantView;
}
interface Booked {
  readonly orderId: string;
  readonly state: string;
  readonly captures: number;
  readonly refunds: number;
}

/** Order service, payment provider, broker and database, with stand-ins for identity and catalog. */
export class OrderWorld<Runner extends OrderRunner = InProcess> {
  private readonly captures: CapturedEvents[] = [];
  private sandboxUrl = '';

  private constructor(
    readonly servers: TestServers,
    readonly identity: FakeIdentity,
    readonly catalog: CatalogStandIn,
    readonly gate: ProviderGate,
    readonly queries: QueryRecorder,
    private readonly sandbox: AppProcess,
    readonly service: Runner,
    /** Prepares another instance of the service beside it. */
    readonly another: () => Promise<Runner>,
  ) {}

  static start(variables: Record<string, string> = {}): Promise<OrderWorld> {
    return this.startWith(variables, (all, neighbours) => new InProcess(all, neighbours));
  }

  /** The order service runs in a process of its own. */
  static startAlone(variables: Record<string, string> = {}): Promise<OrderWorld<Alone>> {
    return this.startWith(variables, (all, neighbours) => Alone.prepare(all, neighbours));
  }

  private static async startWith<Runner extends OrderRunner>(
    given: Record<string, string>,
    prepare: (variables: Record<string, string>, neighbours: Neighbours) => Runner | Promise<Runner>,
  ): Promise<OrderWorld<Runner>> {
    const servers = await startTestServers();
    const queries = recordQueries();
    const identity = await fakeIdentity(servers.namespace);
    const catalog = await CatalogStandIn.start(servers);
    const shared = {
      KAFKA_BROKERS: servers.kafkaBrokers.join(),
      MONGODB_URI: servers.mongodbUri,
      GRAPEVINE_NAMESPACE: servers.namespace,
      LOG_LEVEL: 'silent',
    };
    const port = String(await freePort());
    const own = { ...shared, ...SANDBOX, PAYMENT_SANDBOX_PORT: port };
    const sandbox = new AppProcess('apps/payment-sandbox/src/main.js', own);
    const gate = new ProviderGate(() => `http://127.0.0.1:${port}`);
    const variables = { ...shared, ...TIMES, ...given, PAYMENT_SANDBOX_URL: await gate.listen() };
    const another = async () => prepare(variables, { identity: identity.host, catalog });
    const service = await another();
    const world = new OrderWorld(servers, identity, catalog, gate, queries, sandbox, service, another);
    await Promise.all([world.startProvider(), service.start()]);
    return world;
  }

  async startProvider(): Promise<void> {
    this.sandboxUrl = await this.sandbox.start(/PAYMENT_SANDBOX_URL=(\S+)/);
  }

  async killProvider(): Promise<void> {
    await this.sandbox.stop();
  }

  async stop(): Promise<void> {
    this.queries.stop();
    await Promise.all(this.captures.map((captured) => captured.close()));
    await this.service.close();
    await this.catalog.close();
    await this.gate.close();
    await this.sandbox.stop();
    await this.servers.stop();
  }

  async capture(...contracts: EventContract[]): Promise<CapturedEvents> {
    const captured = await captureEvents(this.servers, contracts);
    this.captures.push(captured);
    return captured;
  }

  as<Contract extends OperationContract>(
    person: SignedIn | null,
    contract: Contract & OperationContract<InputOf<Contract>, OutputOf<Contract>>,
    input: InputOf<Contract>,
  ): Promise<OutputOf<Contract>> {
    return this.service.client.call(contract, input, { token: person?.token ?? null, deadlineMs: 45_000 });
  }

  // ---- who and what there is

  async shop(onHand: number, priceMinor = 4900): Promise<Shop> {
    const owner = await this.identity.signIn();
    const merchantId = typeIds.next('merchant');
    const merchant = { name: 'Ana', handle: merchantId.slice(-12), currency: 'EUR' };
    const ownerAccountId = owner.accountId;
    const createdAt = new Date().toISOString();
    this.catalog.merchants.set(merchantId, { ...merchant, id: merchantId, ownerAccountId, createdAt });
    await this.catalog.events.publish(
      MerchantCreated,
      { ...merchant, merchantId, ownerAccountId },
      { subject: merchantId },
    );
    return { owner, merchantId, variant: this.variant(merchantId, onHand, priceMinor) };
  }

  variant(merchantId: string, onHand: number, priceMinor = 4900): VariantView {
    const variant = aVariant(merchantId, priceMinor);
    this.catalog.variants.set(variant.id, variant);
    this.catalog.stock(variant.id, onHand);
    return variant;
  }

  setPrice(variantId: string, amountMinor: number): void {
    const variant = this.catalog.variants.get(variantId);
    if (variant) this.catalog.variants.set(variantId, { ...variant, price: { amountMinor, currency: 'EUR' } });
  }

  // ---- what buyers do

  async fill(buyer: SignedIn, variantId: string, quantity = 1): Promise<CartView> {
    const cart = await this.as(buyer, AddToCart, { variantId, quantity });
    if (cart.__typename !== 'Cart') throw new Error(JSON.stringify(cart));
    return cart;
  }

  place(buyer: SignedIn, cartId: string, more: Partial<InputOf<typeof PlaceOrder>> = {}) {
    return this.as(buyer, PlaceOrder, {
      clientMutationKey: typeIds.next('request'),
      cartId,
      shippingAddress: ADDRESS,
      paymentToken: 'tok_approve',
      ...more,
    });
  }

  async buy(
    buyer: SignedIn,
    { variant }: Pick<Shop, 'variant'>,
    more: Partial<InputOf<typeof PlaceOrder>> & { readonly quantity?: number } = {},
  ): Promise<OrderView> {
    const { quantity, ...placing } = more;
    const cart = await this.fill(buyer, variant.id, quantity);
    const order = await this.place(buyer, cart.id, placing);
    if (order.__typename !== 'Order') throw new Error(JSON.stringify(order));
    return order;
  }

  cancel(person: SignedIn, id: string) {
    return this.as(person, CancelOrder, { id });
  }

  async order(person: SignedIn, id: string): Promise<OrderView> {
    const [order] = await this.as(person, OrdersByIds, { ids: [id] });
    if (!order) throw new Error(`${id} is not there`);
    return order;
  }

  /** The order when it is in that state. */
  until(person: SignedIn, id: string, state: OrderStatus): Promise<OrderView> {
    return eventually(async () => {
      const order = await this.order(person, id);
      expect(order.state).toBe(state);
      return order;
    }, WITHIN);
  }

  // ---- the provider's own books

  async books(orderId: string): Promise<Booked | undefined> {
    const response = await fetch(`${this.sandboxUrl}/books?orderId=${orderId}`);
    const { orders } = (await response.json()) as { orders: Booked[] };
    expect(orders.length).toBeLessThanOrEqual(1);
    return orders[0];
  }
}

export const statesOf = ({ history }: OrderView): string[] => history.map(({ state }) => state);
