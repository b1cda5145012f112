// What bench/restore.mjs publishes: a neighbourhood whose members, things and acts are all different ones. `size` is how
// many events most kinds have.
import {
  Commented,
  Followed,
  MerchantCreated,
  OrderConfirmed,
  OrderDelivered,
  PostPublished,
  ProductCreated,
  ProfileChanged,
  ProfileCreated,
  RatingChanged,
  ReactionSet,
  ReviewPublished,
  ShareLinkCreated,
  ShareLinkOrdered,
  typeIds,
} from '../../dist/libs/contracts/src/index.js';

const CHANGES = 10;
const AT = new Date().toISOString();
const at = (list, n) => list[(n * 7919) % list.length];
const idsOf = (kind, count) => Array.from({ length: count }, () => typeIds.next(kind));

/** [contract, subject, version, key, data] of all, one aggregate's in their order. */
export function* told(size) {
  const people = idsOf('profile', Math.max(50, Math.ceil(size / CHANGES)));
  const products = idsOf('product', size);
  const links = Array.from({ length: size }, (_, n) => [typeIds.next('link'), `code${n}`]);
  yield* peopleOf(people);
  yield* actsOf(size, people);
  for (const [n, productId] of products.entries())
    yield [ProductCreated, productId, 1, productId, { ...ProductCreated.example, productId, handle: `lamp-${n}` }];
  for (const [n, [linkId, code]] of links.entries()) {
    const link = { linkId, code, ownerId: at(people, n), productId: at(products, n), createdAt: AT };
    yield [ShareLinkCreated, linkId, 1, linkId, link];
    const ordered = { ...link, orderId: ShareLinkOrdered.example.orderId, orders: 1 };
    yield [ShareLinkOrdered, linkId, 2, linkId, ordered];
  }
  yield* salesOf(size, people, products, links);
}

function* peopleOf(people) {
  for (const [n, profileId] of people.entries())
    for (let version = 1; version <= CHANGES; version += 1) {
      const profile = { ...ProfileCreated.example, profileId, handle: `somebody${n}`, createdAt: AT };
      yield [version === 1 ? ProfileCreated : ProfileChanged, profileId, version, profileId, profile];
    }
}

/** Each follows about 20 others, and posted 5 times. */
function* actsOf(size, people) {
  const posts = idsOf('post', Math.ceil(size / 2));
  const others = Math.min(20, people.length - 1);
  for (const [n, postId] of posts.entries()) {
    const post = { ...PostPublished.example, postId, authorId: at(people, n), createdAt: AT };
    yield [PostPublished, postId, 1, post.authorId, post];
  }
  for (const [n, followerId] of people.entries())
    for (let step = 1; step <= others; step += 1) {
      const followeeId = people[(n + step * step) % people.length];
      const id = `${followerId}|${followeeId}`;
      if (followeeId !== followerId) yield [Followed, id, 1, followerId, { followerId, followeeId, since: AT }];
    }
  for (let n = 0; n < size * 2; n += 1) {
    const [postId, profileId] = [posts[n % posts.length], people[(n + Math.floor(n / posts.length)) % people.length]];
    yield [ReactionSet, `${postId}|${profileId}`, 1, postId, { postId, profileId, kind: 'LIKE' }];
  }
  for (let n = 0; n < size; n += 1) {
    const commentId = typeIds.next('comment');
    const comment = { ...Commented.example, commentId, postId: at(posts, n), authorId: at(people, n), createdAt: AT };
    yield [Commented, commentId, 1, comment.postId, comment];
  }
}

/** Merchants, of whom some have 20 orders each, every one through a link and reviewed; every rating was told as often as it was given. */
function* salesOf(size, people, products, links) {
  const merchants = idsOf('merchant', size);
  const selling = merchants.slice(0, Math.ceil(size / 20));
  for (const [n, merchantId] of merchants.entries())
    yield [MerchantCreated, merchantId, 1, merchantId, { ...MerchantCreated.example, merchantId, handle: `shop-${n}` }];
  const rated = products.slice(0, Math.ceil(size / 5));
  const ratings = new Map(rated.map((productId) => [productId, 0]));
  for (let n = 0; n < size; n += 1) {
    const [orderId, lineId] = [typeIds.next('order'), typeIds.next('line')];
    const reviewId = lineId.replace('line_', 'review_');
    const [merchantId, productId] = [selling[n % selling.length], rated[n % rated.length]];
    const lines = [{ ...OrderConfirmed.example.lines[0], id: lineId, productId }];
    const order = { orderId, merchantId, lines, shareCode: links[n][1] };
    yield [OrderConfirmed, orderId, 1, orderId, { ...OrderConfirmed.example, ...order }];
    yield [OrderDelivered, orderId, 2, orderId, { ...OrderDelivered.example, ...order }];
    const review = { ...ReviewPublished.example, reviewId, orderLineId: lineId, productId, merchantId, createdAt: AT };
    yield [ReviewPublished, reviewId, 1, reviewId, { ...review, authorId: at(people, n), stars: 5 }];
    const count = ratings.get(productId) + 1;
    ratings.set(productId, count);
    const rating = { ...RatingChanged.example, productId, count, distribution: [0, 0, 0, 0, count], asOf: AT };
    yield [RatingChanged, productId, count, productId, rating];
  }
}
