import { z } from 'zod';
import { query, selectionOf } from './api-operation.js';
import { OrderRead } from './mutations.js';

/** The caller's profile, which is made a moment after the account. */
export const OwnProfile = query(
  '{ viewer { profile { id handle } } }',
  z.object({
    viewer: z.object({ profile: z.object({ id: z.string(), handle: z.string() }).nullable() }).nullable(),
  }),
);

export const OwnMerchants = query(
  '{ viewer { merchants { id handle currency } } }',
  z.object({
    viewer: z
      .object({ merchants: z.array(z.object({ id: z.string(), handle: z.string(), currency: z.string() })).nullable() })
      .nullable(),
  }),
);

export const OrderById = query(
  `query Order($id: ID!) { order(id: $id) ${selectionOf(OrderRead)} }`,
  z.object({ order: OrderRead.nullable() }),
);
