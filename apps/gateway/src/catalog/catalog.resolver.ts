import {
  CountProducts,
  CreateMerchant,
  CreateProduct,
  MerchantByHandle,
  MerchantsOfCaller,
  SearchProducts,
  SetStock,
  UpdateProduct,
  UpdateVariant,
  type InputOf,
  type MerchantView,
  type ProductView,
  type VariantView,
} from '#contracts';
import { BadInputError } from '#service-kit';
import type { RequestScope } from '../context/request-scope.js';
import { connectionOf, pageInput, type Connection, type PageArgs } from '../graphql/connection.js';
import { command, live, type ResolverMap, type Root } from '../graphql/resolvers.js';
import { scopeOf, type ViewerSource } from '../identity/identity.resolver.js';
import { watchVariants } from './catalog.subscription.js';

type Wanted = InputOf<typeof CountProducts>;
type SearchArgs = PageArgs & Wanted;
/** With what it is a page of: counting that is left to those who ask for it. */
interface ProductPage extends Connection<ProductView> {
  readonly wanted: Wanted;
}

async function search(args: SearchArgs, scope: RequestScope): Promise<ProductPage> {
  const { query, filter } = args;
  const page = await scope.call(SearchProducts, { ...pageInput(args), query, filter });
  for (const { node } of page.items) scope.loaders.products.prime(node.id, node);
  return { ...connectionOf(page, args), wanted: { query, filter } };
}

async function merchant(
  _: Root,
  { id, handle }: { id?: string | null; handle?: string | null },
  scope: RequestScope,
): Promise<MerchantView | null> {
  if (id) return scope.loaders.merchants.load(id);
  if (handle) return scope.call(MerchantByHandle, { handle });
  throw new BadInputError('merchant needs an id or a handle');
}

export const catalogResolvers: ResolverMap = {
  Query: {
    merchant,
    product: (_: Root, { id }: { id: string }, { loaders }) => loaders.products.load(id),
    variant: (_: Root, { id }: { id: string }, { loaders }) => loaders.variants.load(id),
    products: (_: Root, args: SearchArgs, scope) => search(args, scope),
  },
  Merchant: {
    products: ({ id }: MerchantView, args: PageArgs, scope) => search({ ...args, filter: { merchantId: id } }, scope),
  },
  ProductConnection: {
    totalCount: ({ wanted }: ProductPage, _: unknown, scope) => scope.call(CountProducts, wanted),
  },
  Product: {
    merchant: ({ merchantId }: ProductView, _: unknown, { loaders }) => loaders.merchants.load(merchantId),
  },
  Variant: {
    product: ({ productId }: VariantView, _: unknown, { loaders }) => loaders.products.load(productId),
  },
  Viewer: {
    merchants: (viewer: ViewerSource, _: unknown, scope) => scopeOf(viewer, scope).call(MerchantsOfCaller, {}),
  },
  Mutation: {
    createMerchant: command(CreateMerchant),
    createProduct: command(CreateProduct),
    updateProduct: command(UpdateProduct),
    updateVariant: command(UpdateVariant),
    setStock: command(SetStock),
  },
  Subscription: { variantUpdated: live(watchVariants) },
};
