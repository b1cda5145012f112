import { z } from 'zod';
import type { ApiClient } from '../api-client.js';
import { query } from '../api-operation.js';
import { LAST_REPLY, ORDERS, PRODUCTS, SHOPS } from './content.js';

/** What tells that all of it is there. */
export interface FoundDemonstration {
  readonly productId: string;
  readonly merchants: readonly { readonly id: string; readonly handle: string }[];
}

const Merchant = z.object({ id: z.string(), handle: z.string() }).nullable();
const Reviews = z.object({ nodes: z.array(z.object({ reply: z.object({ text: z.string() }).nullable() })) }).nullable();

export const skuOf = (productKey: string, variant: number): string => `${productKey}-${variant + 1}`;

/** Products by the SKU of the one that is reviewed last, with the replies that its merchant gave. */
export const FinishedMark = query(
  `query Finished($sku: String!, $first: String!, $second: String!) {
  products(filter: { sku: $sku }, first: 5) {
    nodes { id merchant { handle } reviews(first: 20) { nodes { reply { text } } } }
  }
  first: merchant(handle: $first) { id handle }
  second: merchant(handle: $second) { id handle }
}`,
  z.object({
    products: z
      .object({
        nodes: z.array(z.object({ id: z.string(), merchant: z.object({ handle: z.string() }), reviews: Reviews })),
      })
      .nullable(),
    first: Merchant,
    second: Merchant,
  }),
);

/** The demonstration, if all of it has been made and shows. Errors: ApiError. */
export async function findDemonstration(client: ApiClient): Promise<FoundDemonstration | undefined> {
  const [first, second] = SHOPS;
  const reviewed = ORDERS.find(({ key }) => key === LAST_REPLY.order)?.product ?? '';
  const variables = { sku: skuOf(reviewed, 0), first: first?.handle, second: second?.handle };
  const found = await client.ask(FinishedMark, variables);
  const shop = PRODUCTS.find(({ key }) => key === reviewed)?.shop;
  const product = found.products?.nodes.find(({ merchant }) => merchant.handle === shop);
  const isFinished = product?.reviews?.nodes.some(({ reply }) => reply?.text === LAST_REPLY.text) ?? false;
  if (!product || !isFinished || !found.first || !found.second) return undefined;
  return { productId: product.id, merchants: [found.first, found.second] };
}
