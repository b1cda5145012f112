import {
  AccountCreated,
  CreatePost,
  FollowProfile,
  HomeFeed,
  ProductsByIds,
  ProfilesByIds,
  typeIds,
  UnfollowProfile,
  type InputOf,
  type ProductView,
} from '#contracts';
import { ServiceUnavailableError, type OperationHost } from '#service-kit';
import { eventually, ServiceWorld, surroundingsOf, type ServiceSurroundings, type SignedIn } from '#testing';
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
export class SocialFeedWorld extends ServiceWorld {
  private constructor(
    surroundings: ServiceSurroundings,
    readonly catalog: FakeCatalog,
  ) {
    super(surroundings);
  }

  static async start(settings: Record<string, string> = {}): Promise<SocialFeedWorld> {
    const catalog = new FakeCatalog();
    const surroundings = await surroundingsOf(definition, {
      settings,
      neighbours: (registry) => registry.register('catalog', catalog),
    });
    const world = new SocialFeedWorld(surroundings, catalog);
    await world.startAgain();
    return world;
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
