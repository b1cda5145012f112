import { z } from 'zod';
import { query, selectionOf } from '../api-operation.js';

const nodes = <Node extends z.ZodType>(node: Node) => z.object({ nodes: z.array(node) }).nullable();
const Handle = z.object({ handle: z.string() }).nullable();

export const FindPeople = query(
  'query FindPeople($name: String!) { profiles(query: $name) { nodes { id handle } } }',
  z.object({ profiles: nodes(z.object({ id: z.string(), handle: z.string() })) }),
);

const FollowCounts = z.object({ followerCount: z.int(), followingCount: z.int() }).nullable();
export const ProfileCounts = query(
  `query ProfileCounts($id: ID!) { profile(id: $id) ${selectionOf(FollowCounts)} }`,
  z.object({ profile: FollowCounts }),
);

const Card = z.object({
  reason: z.string(),
  post: z.object({
    id: z.string(),
    text: z.string(),
    author: Handle,
    productTags: z.array(
      z.object({
        variant: z
          .object({
            available: z.int().nullable(),
            price: z.object({ amountMinor: z.int(), currency: z.string() }),
          })
          .nullable(),
        product: z
          .object({
            title: z.string(),
            rating: z.object({ average: z.number().nullable(), count: z.int() }).nullable(),
          })
          .nullable(),
      }),
    ),
  }),
});
export type Card = z.infer<typeof Card>;
export const HomeFeed = query(
  `{ homeFeed(first: 5) { nodes ${selectionOf(Card)} } }`,
  z.object({ homeFeed: nodes(Card) }),
);

export const VariantUpdated = query(
  'subscription Watch($ids: [ID!]!) { variantUpdated(productIds: $ids) { id available } }',
  z.object({ variantUpdated: z.object({ id: z.string(), available: z.int().nullable() }) }),
);
export const VariantNow = query(
  'query VariantNow($id: ID!) { variant(id: $id) { available } }',
  z.object({ variant: z.object({ available: z.int().nullable() }).nullable() }),
);

export const Rating = z.object({ average: z.number().nullable(), count: z.int(), distribution: z.array(z.int()) });
export type Rating = z.infer<typeof Rating>;
export const ProductRating = query(
  `query ProductRating($id: ID!) { product(id: $id) { rating ${selectionOf(Rating)} } }`,
  z.object({ product: z.object({ rating: Rating.nullable() }).nullable() }),
);
export const ProductReviews = query(
  `query ProductReviews($id: ID!) {
  product(id: $id) { reviews(first: 5) { nodes { stars text verifiedPurchase author { handle } } } }
}`,
  z.object({
    product: z
      .object({
        reviews: nodes(z.object({ stars: z.int(), text: z.string(), verifiedPurchase: z.boolean(), author: Handle })),
      })
      .nullable(),
  }),
);

export const ShopRecord = z.object({
  ordersDelivered: z.int(),
  ordersCancelledByMerchant: z.int(),
  reviewCount: z.int(),
  averageStars: z.number().nullable(),
});
export type ShopRecord = z.infer<typeof ShopRecord>;
export const MerchantRecord = query(
  `query MerchantRecord($id: ID!) { merchant(id: $id) { record ${selectionOf(ShopRecord)} } }`,
  z.object({ merchant: z.object({ record: ShopRecord.nullable() }).nullable() }),
);

export const ShareLinkCounts = query(
  'query ShareLinkCounts($code: String!) { shareLink(code: $code) { clicks orders } }',
  z.object({ shareLink: z.object({ clicks: z.int(), orders: z.int() }).nullable() }),
);

export const OwnOrders = query(
  '{ orders(first: 10) { nodes { id state } } }',
  z.object({ orders: nodes(z.object({ id: z.string(), state: z.string() })) }),
);
