import {
  CountProducts,
  AwaitProfile,
  CartsByIds,
  CartsOfCaller,
  HomeFeed,
  MerchantRecords,
  MerchantsByIds,
  OrdersByIds,
  ProductsByIds,
  ProfilesByIds,
  RatingsOfProducts,
  RecordClick,
  ReviewsOfOrderLines,
  SearchProducts,
  ShareLinkByCode,
  SignUp,
  VariantsByIds,
  ViewerOfCaller,
  type PostView,
} from '#contracts';
import { BadInputError, UnauthenticatedError } from '#service-kit';
import {
  aCart,
  aMerchant,
  anOrder,
  aPost,
  aProduct,
  aProfile,
  aRating,
  aSession,
  aShareLink,
  aVariant,
  aViewer,
  id,
  inFeed,
  pageOf,
} from './builders.js';
import { FakeServices } from './fake-services.js';
import { tokenOf } from './tokens.js';

const PEOPLE = ['ana', 'ben', 'cleo', 'dan', 'eve'].map(aProfile);
const PRODUCT_NAMES = Array.from({ length: 20 }, (_, index) => `lamp-${index}`);
const PRODUCTS = [...PRODUCT_NAMES, 'lamp'].map((name) => aProduct(name));
const VARIANTS = [...PRODUCT_NAMES, 'lamp'].map((name) => aVariant(name));

/** Twenty posts by four people, each of a product of its own. */
export const POSTS: PostView[] = PRODUCT_NAMES.map((product, index) =>
  aPost(`post-${index}`, ['ana', 'cleo', 'dan', 'eve'][index % 4] ?? 'ana', product),
);

const among =
  <View extends { id: string }>(views: readonly View[]) =>
  ({ ids }: { ids: string[] }): View[] =>
    views.filter((view) => ids.includes(view.id));

/** The services of a small shop: Ana sells lamps, Ben buys, four people post. */
export function storyServices(): FakeServices {
  const clicks: string[] = [];
  return new FakeServices()
    .on(ViewerOfCaller, () => aViewer('ben'))
    .on(SignUp, async ({ name, email }) => {
      if (email === 'taken@example.org') {
        return { __typename: 'EmailTaken', code: 'EMAIL_TAKEN', message: 'An account has this email address' } as const;
      }
      return { __typename: 'Session', ...aSession(name, await tokenOf(name)) } as const;
    })
    .on(AwaitProfile, (input) => PEOPLE.find((person) => person.id === input.id) ?? null)
    .on(MerchantsByIds, among([aMerchant()]))
    .on(ProductsByIds, among(PRODUCTS))
    .on(VariantsByIds, among(VARIANTS))
    .on(SearchProducts, ({ first, after }) => {
      if (after && !after.startsWith('cursor-')) throw new BadInputError('after is no cursor of this list');
      return pageOf(PRODUCTS.slice(0, first), PRODUCTS.length > first);
    })
    .on(CountProducts, () => PRODUCTS.length)
    .on(ProfilesByIds, among(PEOPLE))
    .on(HomeFeed, ({ first }, { token }) => {
      if (!token) throw new UnauthenticatedError();
      return pageOf(POSTS.slice(0, first).map(inFeed));
    })
    .on(RatingsOfProducts, ({ ids }) =>
      [...PRODUCT_NAMES, 'lamp'].map(aRating).filter(({ productId }) => ids.includes(productId)),
    )
    .on(MerchantRecords, ({ ids }) =>
      ids.map((merchantId) => ({
        merchantId,
        ordersDelivered: 1,
        ordersCancelledByMerchant: 0,
        reviewCount: 1,
        averageStars: 5,
      })),
    )
    .on(CartsByIds, (_, { token }) => {
      if (!token) throw new UnauthenticatedError();
      return [];
    })
    .on(CartsOfCaller, () => [aCart()])
    .on(OrdersByIds, ({ ids }, { token }) => {
      if (!token) throw new UnauthenticatedError();
      return among([anOrder('CONFIRMED')])({ ids });
    })
    .on(ReviewsOfOrderLines, () => [])
    .on(ShareLinkByCode, ({ code }) =>
      code === 'k3x9' ? { ...aShareLink(code, 'lamp'), clicks: clicks.length } : null,
    )
    .on(RecordClick, ({ code }) => {
      if (code !== 'k3x9') return null;
      clicks.push(code);
      return { ...aShareLink(code, 'lamp'), clicks: clicks.length };
    });
}

export const LAMP = id('product', 'lamp');
