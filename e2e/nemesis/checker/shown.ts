/** What was taken and given back for an order. */
export interface MoneySeen {
  readonly capturedMinor: number;
  readonly refundedMinor: number;
}

/** A person as anybody sees them. Lists hold profile and post ids, in the order in which the API gives them. */
export interface PersonShown {
  readonly profileId: string;
  readonly name: string;
  readonly followerCount: number;
  readonly followingCount: number;
  readonly followers: readonly string[];
  readonly following: readonly string[];
  readonly posts: readonly string[];
}

/** What somebody wrote. */
interface Written {
  readonly authorId: string;
  readonly text: string;
}

export interface PostShown extends Written {
  readonly postId: string;
  readonly productIds: readonly string[];
  /** By kind; without those that it never got. */
  readonly reactions: Readonly<Record<string, number>>;
  readonly commentCount: number;
  readonly comments: readonly CommentShown[];
}

export interface CommentShown extends Written {
  readonly commentId: string;
}

/** What somebody who is signed in finds. */
export interface ReaderShown {
  readonly profileId: string;
  readonly feed: readonly FeedEntryShown[];
  readonly orders: readonly string[];
}

export interface FeedEntryShown {
  readonly postId: string;
  readonly reason: string;
  /** The reader's own. */
  readonly reaction: string | null;
}

export interface RatingShown {
  readonly count: number;
  readonly average: number | null;
  readonly distribution: readonly number[];
  readonly score: number;
}

export interface ReviewShown extends Written {
  readonly reviewId: string;
  readonly stars: number;
  readonly reply: string | null;
}

export interface ProductShown {
  readonly productId: string;
  readonly rating: RatingShown | null;
  readonly reviews: readonly ReviewShown[];
  /** Those that tag it. */
  readonly posts: readonly string[];
}

export interface MerchantShown {
  readonly merchantId: string;
  readonly ordersDelivered: number;
  readonly ordersCancelledByMerchant: number;
  readonly reviewCount: number;
  readonly averageStars: number | null;
  /** All of them. */
  readonly orders: readonly OrderShown[];
}

/** An order as the merchant sees it. */
export interface OrderShown {
  readonly orderId: string;
  readonly number: string;
  readonly state: string;
  readonly totalMinor: number;
  readonly payment: PaymentShown;
  readonly cancellationCode: string | null;
  readonly shareCode: string | null;
  readonly lines: readonly string[];
  /** Every state that it came into. */
  readonly passed: readonly string[];
}

export interface PaymentShown extends MoneySeen {
  readonly state: string;
}

export interface LinkShown {
  readonly code: string;
  readonly clicks: number;
  readonly orders: number;
}

/** What the API shows of what services make of each other's events, when all is over. */
export interface Shown {
  readonly people: readonly PersonShown[];
  /** Those that are not there any more are missing. */
  readonly posts: readonly PostShown[];
  readonly readers: readonly ReaderShown[];
  readonly products: readonly ProductShown[];
  readonly merchants: readonly MerchantShown[];
  readonly links: readonly LinkShown[];
}

/** What somebody did last to something, and was told is done; value is null where it was taken back. */
export interface LastWord {
  readonly kind: 'follow' | 'reaction';
  readonly by: string;
  readonly to: string;
  readonly value: string | null;
}

/** How often a share link was opened, as those who opened it know. */
export interface Opened {
  readonly code: string;
  readonly asked: number;
  readonly answered: number;
}
