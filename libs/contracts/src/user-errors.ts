import { z } from 'zod';
import { Money } from './money.js';

/** Expected failures, as `api.graphql` names them. They are results, never exceptions. */
const userError = <Name extends string, Code extends string, Shape extends z.ZodRawShape>(
  name: Name,
  code: Code,
  shape: Shape,
) => z.object({ __typename: z.literal(name), code: z.literal(code), message: z.string(), ...shape });

export const InvalidField = z.object({ path: z.array(z.string()), problem: z.string() });
export const InvalidInput = userError('InvalidInput', 'INVALID_INPUT', { fields: z.array(InvalidField) });
export const NotFound = userError('NotFound', 'NOT_FOUND', { type: z.string(), id: z.string().nullish() });
export const IdempotencyConflict = userError('IdempotencyConflict', 'IDEMPOTENCY_CONFLICT', {});
export const EmailTaken = userError('EmailTaken', 'EMAIL_TAKEN', {});
export const WrongCredentials = userError('WrongCredentials', 'WRONG_CREDENTIALS', {});
export const HandleTaken = userError('HandleTaken', 'HANDLE_TAKEN', {});
export const OutOfStock = userError('OutOfStock', 'OUT_OF_STOCK', {
  variantId: z.string(),
  requested: z.int(),
  available: z.int(),
});
export const PriceChanged = userError('PriceChanged', 'PRICE_CHANGED', {
  variantId: z.string(),
  quoted: Money,
  current: Money,
});
export const EmptyCart = userError('EmptyCart', 'EMPTY_CART', {});
export const WrongState = userError('WrongState', 'WRONG_STATE', { state: z.string() });
export const AlreadyReviewed = userError('AlreadyReviewed', 'ALREADY_REVIEWED', { reviewId: z.string() });
export const NotDelivered = userError('NotDelivered', 'NOT_DELIVERED', {});
export const SelfFollow = userError('SelfFollow', 'SELF_FOLLOW', {});

export type InvalidField = z.infer<typeof InvalidField>;
export type InvalidInput = z.infer<typeof InvalidInput>;
export type NotFound = z.infer<typeof NotFound>;
export type IdempotencyConflict = z.infer<typeof IdempotencyConflict>;
export type OutOfStock = z.infer<typeof OutOfStock>;
export type PriceChanged = z.infer<typeof PriceChanged>;

export const invalidInput = (fields: InvalidField[]): InvalidInput => ({
  __typename: 'InvalidInput',
  code: 'INVALID_INPUT',
  message: fields.map(({ path, problem }) => `${path.join('.') || 'input'} ${problem}`).join('; '),
  fields,
});
export const invalidField = (path: string, problem: string): InvalidInput =>
  invalidInput([{ path: path.split('.'), problem }]);
export const notFound = (type: string, id?: string): NotFound => ({
  __typename: 'NotFound',
  code: 'NOT_FOUND',
  message: `${type}${id ? ` ${id}` : ''} is not there`,
  type,
  id: id ?? null,
});
export const idempotencyConflict = (): IdempotencyConflict => ({
  __typename: 'IdempotencyConflict',
  code: 'IDEMPOTENCY_CONFLICT',
  message: 'This clientMutationKey was used with another input in the last 24 hours',
});

/** A result of a command: the thing itself, marked with the name of its GraphQL type. */
export const resultOf = <Name extends string, Shape extends z.ZodRawShape>(name: Name, view: z.ZodObject<Shape>) =>
  view.extend({ __typename: z.literal(name) });
