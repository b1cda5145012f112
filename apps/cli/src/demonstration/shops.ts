import { ensureMerchant } from '../merchants.js';
import { CreateProduct } from '../mutations.js';
import { PRODUCTS, SHOPS, type DemoProduct, type Shop } from './content.js';
import { skuOf } from './find-demonstration.js';
import { atOnce, keyOf, named, type Cast } from './stage.js';

export interface Article {
  readonly id: string;
  readonly variantIds: readonly string[];
  /** Key of the owner of its shop. */
  readonly owner: string;
}
/** Products by key. */
export type Goods = ReadonlyMap<string, Article>;

/** Opens the shops and fills their shelves. */
export async function openShops(cast: Cast): Promise<Goods> {
  const shelves = await atOnce(SHOPS, async (shop) => {
    const { client } = named(cast, shop.owner);
    const { handle, name, currency } = shop;
    const merchant = await ensureMerchant(client, { handle, name, currency });
    const products = PRODUCTS.filter((product) => product.shop === handle);
    return atOnce(products, async (product): Promise<[string, Article]> => {
      const input = { ...inputOf(product, shop), merchantId: merchant.id };
      const { id, variants } = await client.mutate(CreateProduct, input);
      return [product.key, { id, variantIds: variants.map((variant) => variant.id), owner: shop.owner }];
    });
  });
  return new Map(shelves.flat());
}

function inputOf({ key, option, variants, compareAtMinorUnits, ...product }: DemoProduct, shop: Shop) {
  const price = (amountMinor: number) => ({ amountMinor, currency: shop.currency });
  return {
    title: product.title,
    description: product.description,
    category: product.category,
    tags: product.tags,
    clientMutationKey: keyOf('product', key),
    externalId: key,
    handle: key,
    vendor: shop.name,
    images: [pictureOf(key, product.title)],
    variants: variants.map(([value, priceMinorUnits, onHand], index) => ({
      sku: skuOf(key, index),
      options: option ? [{ name: option, value }] : [],
      price: price(priceMinorUnits),
      ...(compareAtMinorUnits ? { compareAtPrice: price(compareAtMinorUnits) } : {}),
      onHand,
    })),
  };
}

/** Placeholder photographs: any picture by URL would do. */
export const pictureOf = (key: string, alt: string) => ({ url: `https://picsum.photos/seed/${key}/800/800`, alt });
