import { isDeepStrictEqual } from 'node:util';
import {
  event,
  PriceChangedEvent,
  ProductChanged,
  ProductCreated,
  type ImageView,
  type Money,
  type NewEvent,
  type OptionView,
  type ProductSnapshot,
  type ProductStatus,
} from '#contracts';
import type { Count } from '../stock/stock.js';

export interface Variant {
  readonly id: string;
  /** The merchant's own; may repeat or be absent, as in real exports. */
  readonly sku: string | null;
  readonly barcode: string | null;
  readonly options: readonly OptionView[];
  readonly price: Money;
  readonly compareAtPrice: Money | null;
  readonly priceVersion: number;
  /** What the merchant last said with the product is there. The stock document takes it over, once. */
  readonly count: Count;
}

export interface Product {
  readonly merchantId: string;
  /** Under which creating it again finds it: the merchant's own key, or the product's id. Unique for the merchant. */
  readonly externalKey: string;
  /** Unique for the merchant. */
  readonly handle: string;
  readonly title: string;
  readonly description: string;
  readonly vendor: string | null;
  readonly category: string | null;
  readonly tags: readonly string[];
  readonly images: readonly ImageView[];
  readonly status: ProductStatus;
  readonly variants: readonly Variant[];
  /** Variants that an update left out: not to be seen, but the same again, with id and stock, when they come back. */
  readonly retired: readonly Variant[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface VariantDraft {
  readonly sku?: string | null | undefined;
  readonly barcode?: string | null | undefined;
  readonly options: readonly OptionView[];
  readonly price: Money;
  readonly compareAtPrice?: Money | null | undefined;
  readonly onHand: number;
}
export interface ProductDraft {
  readonly title: string;
  readonly description: string;
  readonly vendor?: string | null | undefined;
  readonly category?: string | null | undefined;
  readonly tags: readonly string[];
  readonly images: readonly ImageView[];
  readonly status: ProductStatus;
  readonly variants: readonly VariantDraft[];
}
/** Undefined leaves a field as it is. Null takes vendor or category away, and leaves what can't be taken away. */
export type ProductChanges = { readonly [Field in keyof Omit<ProductDraft, 'variants'>]?: ProductDraft[Field] | null };
/** Undefined leaves a field as it is. Null takes it away, but not the price. */
export type VariantChanges = {
  readonly [Field in 'sku' | 'barcode' | 'price' | 'compareAtPrice']?: VariantDraft[Field] | null;
};

export interface Written {
  readonly state: Product;
  readonly events: readonly NewEvent[];
}
/** Nothing when nothing changes. */
export type Change = Written | Record<string, never>;

const MOST_RETIRED = 100;

type NewVariantId = (seed: string) => string;

export function createProduct(
  id: string,
  owner: Pick<Product, 'merchantId' | 'externalKey' | 'handle'>,
  draft: ProductDraft,
  newVariantId: NewVariantId,
  at: Date,
): Written {
  const { merchantId, externalKey, handle } = owner;
  const variants = draft.variants.map((variant) => takeVariant(undefined, variant, newVariantId));
  const state: Product = {
    merchantId,
    externalKey,
    handle,
    ...fieldsOf(draft),
    variants,
    retired: [],
    createdAt: at,
    updatedAt: at,
  };
  return { state, events: [event(ProductCreated, snapshotOf(id, state))] };
}

/** Makes it what the draft says. Variants are matched by their options. */
export function reviseProduct(
  id: string,
  before: Product,
  draft: ProductDraft & { readonly handle?: string | undefined },
  newVariantId: NewVariantId,
  at: Date,
): Change {
  const known = [...before.variants, ...before.retired];
  const byOptions = new Map(known.map((variant) => [optionsKey(variant), variant]));
  const variants = draft.variants.map((variant) =>
    takeVariant(byOptions.get(optionsKey(variant)), variant, newVariantId),
  );
  const kept = new Set(variants.map((variant) => variant.id));
  const retired = known.filter((variant) => !kept.has(variant.id)).slice(0, MOST_RETIRED);
  const handle = draft.handle ?? before.handle;
  return settle(id, before, { ...before, ...fieldsOf(draft), handle, variants, retired }, at);
}

export function changeProduct(id: string, before: Product, changes: ProductChanges, at: Date): Change {
  const { vendor = before.vendor, category = before.category } = changes;
  const fields = fieldsOf({
    title: changes.title ?? before.title,
    description: changes.description ?? before.description,
    vendor,
    category,
    tags: changes.tags ?? before.tags,
    images: changes.images ?? before.images,
    status: changes.status ?? before.status,
  });
  return settle(id, before, { ...before, ...fields }, at);
}

export function changeVariant(
  id: string,
  before: Product,
  variantId: string,
  changes: VariantChanges,
  at: Date,
): Change {
  const change = (variant: Variant): Variant => {
    const { sku = variant.sku, barcode = variant.barcode, compareAtPrice = variant.compareAtPrice } = changes;
    const changed = { ...variant, sku: sku || null, barcode: barcode || null };
    return withPrice(changed, changes.price ?? variant.price, compareAtPrice ?? null);
  };
  const variants = before.variants.map((variant) => (variant.id === variantId ? change(variant) : variant));
  return settle(id, before, { ...before, variants }, at);
}

/** The same for the same options, in whatever order they are given. */
export const optionsKey = ({ options }: Pick<Variant, 'options'>): string =>
  JSON.stringify(
    options.map(({ name, value }) => [name, value]).toSorted(([left = ''], [right = '']) => compare(left, right)),
  );

/** The lowest price of its variants. */
export function priceFrom({ variants }: Pick<Product, 'variants'>): Money | null {
  const prices = variants.map(({ price }) => price);
  return prices.reduce<Money | null>((low, price) => (low && low.amountMinor <= price.amountMinor ? low : price), null);
}

export const snapshotOf = (productId: string, product: Product): ProductSnapshot => ({
  productId,
  merchantId: product.merchantId,
  handle: product.handle,
  title: product.title,
  vendor: product.vendor,
  category: product.category,
  tags: [...product.tags],
  status: product.status,
  image: product.images[0] ?? null,
  variants: product.variants.map((variant) => ({
    variantId: variant.id,
    sku: variant.sku,
    barcode: variant.barcode,
    options: [...variant.options],
    price: variant.price,
    compareAtPrice: variant.compareAtPrice,
    priceVersion: variant.priceVersion,
  })),
});

const compare = (left: string, right: string): number => (left < right ? -1 : Number(left > right));

/** An empty text says the same as none. */
const fieldsOf = (draft: Omit<ProductDraft, 'variants'>) => ({
  title: draft.title,
  description: draft.description,
  vendor: draft.vendor || null,
  category: draft.category || null,
  tags: [...new Set(draft.tags)],
  images: draft.images.map(({ url, alt }) => ({ url, alt: alt || null })),
  status: draft.status,
});

function takeVariant(before: Variant | undefined, draft: VariantDraft, newVariantId: NewVariantId): Variant {
  const { options, price, onHand } = draft;
  const compareAtPrice = draft.compareAtPrice ?? null;
  const texts = { sku: draft.sku || null, barcode: draft.barcode || null };
  if (before === undefined) {
    const id = newVariantId(optionsKey(draft));
    return { id, ...texts, options, price, compareAtPrice, priceVersion: 1, count: { onHand, seq: 1 } };
  }
  // The same count again is no new count: what was sold since then stays sold when a file is imported a second time.
  const count = before.count.onHand === onHand ? before.count : { onHand, seq: before.count.seq + 1 };
  return withPrice({ ...before, ...texts, count }, price, compareAtPrice);
}

function withPrice(variant: Variant, price: Money, compareAtPrice: Money | null): Variant {
  const isSame = isDeepStrictEqual([variant.price, variant.compareAtPrice], [price, compareAtPrice]);
  return isSame ? variant : { ...variant, price, compareAtPrice, priceVersion: variant.priceVersion + 1 };
}

/** A change of counts alone is told, too: the event is what brings them to the stock documents if this process dies. */
function settle(id: string, before: Product, after: Product, at: Date): Change {
  if (isDeepStrictEqual(before, after)) return {};
  const state = { ...after, updatedAt: at };
  return { state, events: [event(ProductChanged, snapshotOf(id, state)), ...priceChanges(id, before, after)] };
}

function priceChanges(productId: string, before: Product, after: Product): NewEvent[] {
  const old = new Map([...before.retired, ...before.variants].map((variant) => [variant.id, variant]));
  return after.variants.flatMap(({ id: variantId, price, priceVersion }) => {
    const known = old.get(variantId);
    if (known === undefined || known.priceVersion === priceVersion) return [];
    const { merchantId } = after;
    return [
      event(PriceChangedEvent, { productId, variantId, merchantId, before: known.price, after: price, priceVersion }),
    ];
  });
}
