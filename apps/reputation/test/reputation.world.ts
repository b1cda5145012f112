import {
  MerchantRecords,
  MerchantsByIds,
  OrderDelivered,
  PurchasesOfCaller,
  RatingsOfProducts,
  typeIds,
  WriteReview,
  type EventContract,
  type InputOf,
  type MerchantView,
  type OperationContract,
  type OrderSnapshot,
  type OutputOf,
} from '#contracts';
import {
  OperationClient,
  OperationRegistry,
  ServiceUnavailableError,
  startService,
  type OperationHost,
  type RunningService,
} from '#service-kit';
import {
  captureEvents,
  eventPublisher,
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
export class ReputationWorld {
  readonly client: OperationClient;
  private readonly captures: CapturedEvents[] = [];

  private constructor(
    readonly servers: TestServers,
    readonly identity: FakeIdentity,
    readonly neighbours: FakeNeighbours,
    readonly events: EventPublisher,
    readonly queries: QueryRecorder,
    private service: RunningService,
    private readonly registry: OperationRegistry,
    private readonly variables: Record<string, string>,
  ) {
    this.client = new OperationClient({ registry });
  }

  static async start(): Promise<ReputationWorld> {
    const servers = await startTestServers();
    const queries = recordQueries();
    const registry = new OperationRegistry();
    const identity = await fakeIdentity(servers.namespace);
    const neighbours = new FakeNeighbours();
    registry.register('identity', identity.host);
    registry.register('order', neighbours);
    registry.register('catalog', neighbours);
    const variables = {
      KAFKA_BROKERS: servers.kafkaBrokers.join(),
      MONGODB_URI: servers.mongodbUri,
      GRAPEVINE_NAMESPACE: servers.namespace,
      LOG_LEVEL: 'silent',
    };
    const service = await startService(definition, { variables, registry });
    const events = eventPublisher(servers);
    return new ReputationWorld(servers, identity, neighbours, events, queries, service, registry, variables);
  }

  /** @param meanwhile happens while the service is away. */
  async restart(meanwhile: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    await this.service.close();
    await meanwhile();
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
    return this.client.call(contract, input, { token: person?.token ?? null, deadlineMs: 20_000 });
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
