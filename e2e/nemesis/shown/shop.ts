import type { Api } from '../../support/api.js';
import { orderShown, type OrderGiven } from '../checker/order-shown.js';
import type { LinkShown, MerchantShown, ProductShown, RatingShown, ReviewShown } from '../checker/shown.js';
import { page, type Authored, type Connection, type Id, type Reading } from './pages.js';

interface ReviewAnswer extends Id, Authored {
  readonly stars: number;
  readonly reply: { readonly text: string } | null;
}
interface ProductAnswer {
  readonly rating: RatingShown | null;
  readonly reviews: Connection<ReviewAnswer> | null;
  readonly posts: Connection<Id> | null;
}

const REVIEWS = `reviews(first: $first, after: $after) ${page('id author { id } stars text reply { text }')}`;
const POSTS = `posts(first: $first, after: $after) ${page('id')}`;
const productWith = (fields: string): string =>
  `query($id: ID!, $first: Int, $after: String) { product(id: $id) { ${fields} } }`;
const PRODUCT = productWith(`rating { count average distribution score } ${REVIEWS} ${POSTS}`);
const MORE_REVIEWS = productWith(REVIEWS);
const MORE_POSTS = productWith(POSTS);

/** What buyers said of a product, and the posts that tag it. */
export async function productShown(api: Api, reading: Reading, productId: string): Promise<ProductShown> {
  type Data = { readonly product: ProductAnswer | null };
  const variables = { id: productId };
  const { product } = await reading.ask<Data>(api, PRODUCT, variables);
  if (!product?.reviews || !product.posts) throw new Error(`${productId} is not there with its lists`);
  const moreReviews = { query: MORE_REVIEWS, variables, in: (data: Data) => data.product?.reviews };
  const morePosts = { query: MORE_POSTS, variables, in: (data: Data) => data.product?.posts };
  const reviews = await reading.all(api, moreReviews, product.reviews);
  const posts = await reading.all(api, morePosts, product.posts);
  return {
    productId,
    rating: product.rating,
    reviews: reviews.map(({ id, author, stars, text, reply }): ReviewShown => ({
      reviewId: id,
      authorId: author?.id ?? '',
      stars,
      text,
      reply: reply?.text ?? null,
    })),
    posts: posts.map(({ id }) => id),
  };
}

interface OrderAnswer extends Omit<OrderGiven, 'cancellationCode' | 'passed'>, Id {
  readonly cancellation: { readonly code: string } | null;
  readonly history: readonly { readonly state: string }[];
}
interface MerchantAnswer {
  readonly record: Omit<MerchantShown, 'merchantId' | 'orders'> | null;
  readonly orders: Connection<OrderAnswer> | null;
}

const RECORD = `query($id: ID!) { merchant(id: $id) {
  record { ordersDelivered ordersCancelledByMerchant reviewCount averageStars }
} }`;
const ORDER = `id number state total { amountMinor } cancellation { code } shareCode history { state }
  payment { state captured { amountMinor } refunded { amountMinor } } lines { id variantId quantity title }`;
const ORDERS = `query($id: ID!, $first: Int, $after: String) { merchant(id: $id) {
  orders(first: $first, after: $after) ${page(ORDER)}
} }`;

/** What a merchant has shown so far, and its orders as its owner sees them. */
export async function merchantShown(owner: Api, reading: Reading, merchantId: string): Promise<MerchantShown> {
  type Data = { readonly merchant: MerchantAnswer | null };
  const variables = { id: merchantId };
  const { merchant } = await reading.ask<Data>(owner, RECORD, variables);
  if (!merchant?.record) throw new Error(`${merchantId} has no record`);
  const orders = await reading.all(owner, { query: ORDERS, variables, in: (data: Data) => data.merchant?.orders });
  return {
    merchantId,
    ...merchant.record,
    orders: orders.map(({ id, cancellation, history, ...order }) =>
      orderShown(id, {
        ...order,
        cancellationCode: cancellation?.code ?? null,
        passed: history.map(({ state }) => state),
      }),
    ),
  };
}

const LINK = 'query($code: String!) { shareLink(code: $code) { code clicks orders } }';

/** Nothing where there is no link of this code. */
export async function linkShown(api: Api, reading: Reading, code: string): Promise<LinkShown[]> {
  const { shareLink } = await reading.ask<{ shareLink: LinkShown | null }>(api, LINK, { code });
  return shareLink ? [shareLink] : [];
}
