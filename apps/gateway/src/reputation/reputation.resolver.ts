import {
  ReplyToReview,
  ReviewsOfProduct,
  WriteReview,
  type MerchantView,
  type OrderLineView,
  type ProductView,
  type ReviewView,
} from '#contracts';
import type { RequestScope } from '../context/request-scope.js';
import { connectionOf, pageInput, type PageArgs } from '../graphql/connection.js';
import { command, type ResolverMap } from '../graphql/resolvers.js';

async function reviews({ id }: ProductView, args: PageArgs, scope: RequestScope) {
  return connectionOf(await scope.call(ReviewsOfProduct, { ...pageInput(args), productId: id }), args);
}

export const reputationResolvers: ResolverMap = {
  Merchant: { record: ({ id }: MerchantView, _: unknown, { loaders }) => loaders.records.load(id) },
  Product: {
    rating: ({ id }: ProductView, _: unknown, { loaders }) => loaders.ratings.load(id),
    reviews,
  },
  OrderLine: { review: ({ id }: OrderLineView, _: unknown, { loaders }) => loaders.reviewsOfLines.load(id) },
  Review: {
    product: ({ productId }: ReviewView, _: unknown, { loaders }) => loaders.products.load(productId),
    author: ({ authorId }: ReviewView, _: unknown, { loaders }) => loaders.profiles.load(authorId),
  },
  Mutation: {
    writeReview: command(WriteReview),
    replyToReview: command(ReplyToReview),
  },
};
