import {
  idFrom,
  type CartView,
  type FeedItemView,
  type IdPrefix,
  type MerchantView,
  type Money,
  type OrderStatus,
  type OrderView,
  type PostView,
  type ProductView,
  type ProfileView,
  type RatingView,
  type SessionView,
  type ShareLinkView,
  type VariantView,
  type ViewerView,
} from '#contracts';

export const AT = new Date('2026-11-23T12:00:00.000Z');
const at = AT.toISOString();

/** The same name leads to the same id. */
export const id = (prefix: IdPrefix, name: string): string => idFrom(prefix, AT, name);
export const eur = (amountMinor: number): Money => ({ amountMinor, currency: 'EUR' });

export const aMerchant = (name = 'ana'): MerchantView => ({
  id: id('merchant', name),
  name: `${name}'s lamps`,
  handle: name,
  currency: 'EUR',
  ownerAccountId: id('account', name),
  createdAt: at,
});

export const aVariant = (product: string, over: Partial<VariantView> = {}): VariantView => ({
  id: id('variant', product),
  productId: id('product', product),
  merchantId: id('merchant', 'ana'),
  sku: product,
  options: [],
  price: eur(4900),
  available: 3,
  priceVersion: 1,
  productTitle: product,
  productStatus: 'ACTIVE',
  ...over,
});

export const aProduct = (name: string, over: Partial<ProductView> = {}): ProductView => ({
  id: id('product', name),
  merchantId: id('merchant', 'ana'),
  handle: name,
  title: name,
  description: '',
  tags: [],
  status: 'ACTIVE',
  images: [],
  variants: [aVariant(name)],
  priceFrom: eur(4900),
  createdAt: at,
  updatedAt: at,
  ...over,
});

export const aProfile = (handle: string): ProfileView => ({
  id: id('profile', handle),
  accountId: id('account', handle),
  handle,
  name: handle,
  followerCount: 0,
  followingCount: 0,
  viewerFollows: null,
});

export const aPost = (name: string, author: string, product: string): PostView => ({
  id: id('post', name),
  authorId: id('profile', author),
  text: name,
  media: [],
  productTags: [{ productId: id('product', product), variantId: id('variant', product) }],
  createdAt: at,
  reactions: [],
  commentCount: 0,
});

export const inFeed = (post: PostView): FeedItemView => ({ post, reason: 'FOLLOWING' });

export const aRating = (product: string): RatingView => ({
  productId: id('product', product),
  average: null,
  count: 0,
  distribution: [0, 0, 0, 0, 0],
  score: 3.5,
});

export const aViewer = (handle: string): ViewerView => ({
  id: id('account', handle),
  profileId: id('profile', handle),
  name: handle,
  handle,
  email: `${handle}@example.org`,
  roles: ['customer'],
  merchantIds: [],
});

export const aSession = (handle: string, accessToken: string): SessionView => ({
  accessToken,
  accessTokenExpiresAt: at,
  refreshToken: 'refresh',
  viewer: aViewer(handle),
});

export const aShareLink = (code: string, product: string): ShareLinkView => ({
  id: id('link', code),
  code,
  ownerId: id('profile', 'cleo'),
  productId: id('product', product),
  createdAt: at,
  clicks: 0,
  orders: 0,
});

export const aCart = (): CartView => ({
  id: id('cart', 'ben'),
  merchantId: id('merchant', 'ana'),
  lines: [
    {
      id: id('line', 'lamp'),
      variantId: id('variant', 'lamp'),
      quantity: 1,
      quotedPrice: eur(4900),
      lineTotal: eur(4900),
    },
  ],
  subtotal: eur(4900),
  updatedAt: at,
});

const WAY: OrderStatus[] = ['PENDING', 'RESERVED', 'PAID', 'CONFIRMED', 'SHIPPED', 'DELIVERED'];

/** Ben's order of a lamp, come as far as `state`. */
export const anOrder = (state: OrderStatus = 'PENDING'): OrderView => ({
  id: id('order', 'lamp'),
  number: 'A-1001',
  state,
  merchantId: id('merchant', 'ana'),
  buyerProfileId: id('profile', 'ben'),
  lines: [
    {
      id: id('line', 'lamp'),
      variantId: id('variant', 'lamp'),
      productId: id('product', 'lamp'),
      title: 'lamp',
      quantity: 1,
      unitPrice: eur(4900),
      lineTotal: eur(4900),
    },
  ],
  subtotal: eur(4900),
  shipping: eur(0),
  tax: eur(0),
  total: eur(4900),
  shippingAddress: { name: 'Ben', line1: 'Street 1', city: 'Town', country: 'DE' },
  payment: { state: 'NONE', captured: eur(0), refunded: eur(0) },
  history: WAY.slice(0, WAY.indexOf(state) + 1).map((reached) => ({ state: reached, at })),
  createdAt: at,
});

export const pageOf = <Node>(nodes: readonly Node[], hasNextPage = false) => ({
  items: nodes.map((node, index) => ({ cursor: `cursor-${index}`, node })),
  hasNextPage,
});
