import { z } from 'zod';
import { mutation } from './api-operation.js';

const WithId = z.object({ id: z.string() });

export const SessionRead = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  viewer: z.object({ id: z.string(), profile: z.object({ id: z.string(), handle: z.string() }).nullable() }),
});
export type SessionRead = z.infer<typeof SessionRead>;

export const SignUp = mutation('signUp', 'Session', SessionRead);
export const SignIn = mutation('signIn', 'Session', SessionRead);
export const RefreshSession = mutation('refreshSession', 'Session', SessionRead);

export const CreateMerchant = mutation('createMerchant', 'Merchant', WithId.extend({ currency: z.string() }));
const CreatedProduct = WithId.extend({ variants: z.array(WithId.extend({ available: z.int().nullable() })) });
export type CreatedProduct = z.infer<typeof CreatedProduct>;
export const CreateProduct = mutation('createProduct', 'Product', CreatedProduct, {
  onFailure: 'code message ... on InvalidInput { fields { path problem } }',
});

export const UpdateProfile = mutation('updateProfile', 'Profile', WithId);
export const Follow = mutation('follow', 'Profile', WithId.extend({ handle: z.string() }), {
  inputType: 'FollowInput',
});
export const CreatePost = mutation('createPost', 'Post', WithId);
export const React = mutation('react', 'Post', WithId);
export const Comment = mutation('comment', 'Comment', WithId);
export const CreateShareLink = mutation('createShareLink', 'ShareLink', WithId.extend({ code: z.string() }));

export const OrderRead = WithId.extend({
  number: z.string(),
  state: z.string(),
  lines: z.array(WithId),
  payment: z.object({
    state: z.string(),
    captured: z.object({ amountMinor: z.int() }),
    refunded: z.object({ amountMinor: z.int() }),
  }),
  cancellation: z.object({ code: z.string() }).nullable(),
  history: z.array(z.object({ state: z.string() })),
});
export type OrderRead = z.infer<typeof OrderRead>;

export const AddToCart = mutation('addToCart', 'Cart', WithId);
export const PlaceOrder = mutation('placeOrder', 'Order', OrderRead);
export const CancelOrder = mutation('cancelOrder', 'Order', OrderRead);
export const ShipOrder = mutation('shipOrder', 'Order', OrderRead);
export const DeliverOrder = mutation('deliverOrder', 'Order', OrderRead);
export const WriteReview = mutation('writeReview', 'Review', WithId);
export const ReplyToReview = mutation('replyToReview', 'Review', WithId);
