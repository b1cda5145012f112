import DataLoader from 'dataloader';
import {
  CartsByIds,
  CommentsByIds,
  MerchantRecords,
  MerchantsByIds,
  OrdersByIds,
  PostsByIds,
  ProductsByIds,
  ProfilesByIds,
  RatingsOfProducts,
  ReviewsByIds,
  ReviewsOfOrderLines,
  ShareLinksByIds,
  VariantsByIds,
  type OperationContract,
} from '#contracts';

/** Asks a service in the name of the visitor. */
export type Ask = <Input, Output>(contract: OperationContract<Input, Output>, input: Input) => Promise<Output>;

/** As many ids as one call of the services takes. */
const BATCH = 500;

/** The views of these ids by one call, null for those that are not there. */
function batched<View>(
  fetch: (ids: string[]) => Promise<readonly View[]>,
  keyOf: (view: View) => string,
): DataLoader<string, View | null> {
  return new DataLoader(
    async (ids) => {
      const views = new Map((await fetch([...ids])).map((view) => [keyOf(view), view]));
      return ids.map((id) => views.get(id) ?? null);
    },
    { maxBatchSize: BATCH },
  );
}

const byId = <View extends { id: string }>(ask: Ask, contract: OperationContract<{ ids: string[] }, View[]>) =>
  batched(
    (ids) => ask(contract, { ids }),
    (view) => view.id,
  );

/** Everything that is looked up by id: each request asks once for each batch and thing, however many fields want it. */
export class Loaders {
  readonly merchants;
  readonly products;
  readonly variants;
  readonly profiles;
  readonly posts;
  readonly comments;
  readonly shareLinks;
  readonly carts;
  readonly orders;
  readonly reviews;
  readonly ratings;
  readonly records;
  readonly reviewsOfLines;

  constructor(ask: Ask) {
    this.merchants = byId(ask, MerchantsByIds);
    this.products = byId(ask, ProductsByIds);
    this.variants = byId(ask, VariantsByIds);
    this.profiles = byId(ask, ProfilesByIds);
    this.posts = byId(ask, PostsByIds);
    this.comments = byId(ask, CommentsByIds);
    this.shareLinks = byId(ask, ShareLinksByIds);
    this.carts = byId(ask, CartsByIds);
    this.orders = byId(ask, OrdersByIds);
    this.reviews = byId(ask, ReviewsByIds);
    this.ratings = batched(
      (ids) => ask(RatingsOfProducts, { ids }),
      (rating) => rating.productId,
    );
    this.records = batched(
      (ids) => ask(MerchantRecords, { ids }),
      (record) => record.merchantId,
    );
    this.reviewsOfLines = batched(
      (ids) => ask(ReviewsOfOrderLines, { orderLineIds: ids }),
      (review) => review.orderLineId,
    );
  }
}
