import { prefixOf, ViewerOfCaller, type IdPrefix } from '#contracts';
import type { RequestScope } from '../context/request-scope.js';
import type { ResolverMap, Root } from '../graphql/resolvers.js';
import { CurrencyCode, DateTime, SafeInt, Url } from './scalars.js';

interface Entity {
  readonly type: string;
  /** There is nothing of it for somebody who is not signed in. */
  readonly isPrivate?: true;
  load(id: string, scope: RequestScope): Promise<object | null>;
}

/** What an id can name. Lines, payments and the like are reached by what they belong to. */
const ENTITIES: Partial<Record<IdPrefix, Entity>> = {
  account: { type: 'Viewer', isPrivate: true, load: ownAccount },
  merchant: { type: 'Merchant', load: (id, { loaders }) => loaders.merchants.load(id) },
  product: { type: 'Product', load: (id, { loaders }) => loaders.products.load(id) },
  variant: { type: 'Variant', load: (id, { loaders }) => loaders.variants.load(id) },
  profile: { type: 'Profile', load: (id, { loaders }) => loaders.profiles.load(id) },
  post: { type: 'Post', load: (id, { loaders }) => loaders.posts.load(id) },
  comment: { type: 'Comment', load: (id, { loaders }) => loaders.comments.load(id) },
  link: { type: 'ShareLink', load: (id, { loaders }) => loaders.shareLinks.load(id) },
  cart: { type: 'Cart', isPrivate: true, load: (id, { loaders }) => loaders.carts.load(id) },
  order: { type: 'Order', isPrivate: true, load: (id, { loaders }) => loaders.orders.load(id) },
  review: { type: 'Review', load: (id, { loaders }) => loaders.reviews.load(id) },
};

async function ownAccount(id: string, scope: RequestScope): Promise<object | null> {
  return id === scope.visitor.caller?.accountId ? scope.call(ViewerOfCaller, {}) : null;
}

async function node(_: Root, { id }: { id: string }, scope: RequestScope): Promise<object | null> {
  const prefix = prefixOf(id);
  const entity = prefix && ENTITIES[prefix];
  if (!entity || (entity.isPrivate && !scope.visitor.token)) return null;
  const view = await entity.load(id, scope);
  return view && { ...view, __typename: entity.type };
}

export const sharedResolvers: ResolverMap = {
  SafeInt,
  CurrencyCode,
  URL: Url,
  DateTime,
  Query: { node },
};
