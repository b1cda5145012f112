import {
  AccountCreated,
  CreatePost,
  FollowProfile,
  HomeFeed,
  ProductsByIds,
  ProfilesByIds,
  typeIds,
  UnfollowProfile,
  type EventContract,
  type InputOf,
  type OperationContract,
  type OutputOf,
  type ProductView,
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
import { definition } from '../src/social-feed.service.js';

/** Stands in for the catalog: knows the products that a test lists, and can be down. */
export class FakeCatalog implements OperationHost {
  readonly products = new Map<string, ProductView>();
  isDown = false;

  async dispatch({ operation, input }: Parameters<OperationHost['dispatch']>[0]): Promise<unknown> {
    if (this.isDown || operation !== ProductsByIds.name) throw new ServiceUnavailableError('catalog is down');
    const { ids } = ProductsByIds.input.parse(input);
    return ids.flatMap((id) => this.products.get(id) ?? []);
  }

  /** Lists a product with one variant. */
  list(): { productId: string; variantId: string; merchantId: string } {
    const [productId, variantId, merchantId] = [
      typeIds.next('product'),
      typeIds.next('variant'),
      typeIds.next('merchant'),
    ];
    const example = ProductsByIds.output.parse([lamp(productId, variantId, merchantId)]);
    for (const product of example) this.products.set(productId, product);
    return { productId, variantId, merchantId };
  }
}

const lamp = (id: string, variantId: string, merchantId: string): ProductView => ({
  id,
  merchantId,
  handle: 'desk-lamp',
  title: 'Desk lamp',
  description: '',
  tags: [],
  status: 'ACTIVE',
  images: [],
  variants: [
    {
      id: variantId,
      productId: id,
      merchantId,
      options: [],
      price: { amountMinor: 4900, currency: 'EUR' },
      available: 3,
      priceVersion: 1,
      productTitle: 'Desk lamp',
      productStatus: 'ACTIVE',
    },
  ],
  createdAt: '2026-11-24T03:00:00.000Z',
  updatedAt: '2026-11-24T03:00:00.000Z',
});

/** The service between a broker and a database, with stand-ins for its neighbours. */
export class SocialFeedWorld {
  readonly client: OperationClient;
  private readonly captures: CapturedEvents[] = [];

  private constructor(
    readonly servers: TestServers,
    readonly identity: FakeIdentity,
    readonly catalog: FakeCatalog,
    readonly events: EventPublisher,
    readonly queries: QueryRecorder,
    private readonly registry: OperationRegistry,
    private service: RunningService,
    private readonly variables: Record<string, string>,
  ) {
    this.client = new OperationClient({ registry });
  }

  static async start(settings: Record<string, string> = {}): Promise<SocialFeedWorld> {
    const servers = await startTestServers();
    const queries = recordQueries();
    const registry = new OperationRegistry();
    const identity = await fakeIdentity(servers.namespace);
    const catalog = new FakeCatalog();
    registry.register('identity', identity.host);
    registry.register('catalog', catalog);
    const variables = {
      KAFKA_BROKERS: servers.kafkaBrokers.join(),
      MONGODB_URI: servers.mongodbUri,
      GRAPEVINE_NAMESPACE: servers.namespace,
      LOG_LEVEL: 'silent',
      ...settings,
    };
    const service = await startService(definition, { variables, registry });
    const events = eventPublisher(servers);
    return new SocialFeedWorld(servers, identity, catalog, events, queries, registry, service, variables);
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

  /** People whose accounts were created, as soon as they have their profiles. */
  async people(...names: string[]): Promise<SignedIn[]> {
    const people = await Promise.all(names.map(() => this.identity.signIn()));
    for (const [index, { accountId, profileId }] of people.entries()) {
      const name = names[index] ?? '';
      const handle = `${name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}${profileId.slice(-6)}`;
      await this.events.publish(AccountCreated, { accountId, profileId, name, handle }, { subject: accountId });
    }
    const ids = people.map(({ profileId }) => profileId);
    await eventually(
      async () => {
        const found = await this.as(null, ProfilesByIds, { ids });
        if (found.length < ids.length) throw new Error(`${found.length} of ${ids.length} profiles`);
      },
      { timeoutMs: 30_000 },
    );
    return people;
  }

  follow = (person: SignedIn, other: SignedIn) => this.as(person, FollowProfile, { profileId: other.profileId });
  unfollow = (person: SignedIn, other: SignedIn) => this.as(person, UnfollowProfile, { profileId: other.profileId });

  async post(person: SignedIn, text: string, more: Partial<InputOf<typeof CreatePost>> = {}): Promise<string> {
    const result = await this.as(person, CreatePost, { text, productTags: [], media: [], ...more });
    if (result.__typename !== 'Post') throw new Error(JSON.stringify(result));
    return result.id;
  }

  /** The whole home feed, page by page. */
  async feed(person: SignedIn, first = 20): Promise<{ id: string; reason: string }[]> {
    const items: { id: string; reason: string }[] = [];
    for (let after: string | undefined; ;) {
      const page = await this.as(person, HomeFeed, { first, after });
      items.push(...page.items.map(({ node }) => ({ id: node.post.id, reason: node.reason })));
      if (!page.hasNextPage) return items;
      after = page.items.at(-1)?.cursor;
    }
  }

  async counts(person: SignedIn): Promise<{ followers: number; following: number }> {
    const [profile] = await this.as(null, ProfilesByIds, { ids: [person.profileId] });
    return { followers: profile?.followerCount ?? -1, following: profile?.followingCount ?? -1 };
  }
}
