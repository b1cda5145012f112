import { z } from 'zod';
import { idOf } from './ids.js';
import { CurrencyCode, Price } from './money.js';

const HttpUrl = z.url({ protocol: /^https?$/, error: 'is not an http(s) URL' }).max(2048);

export const ImageView = z.object({ url: HttpUrl, alt: z.string().max(500).nullish() });
export const OptionView = z.object({ name: z.string().min(1).max(100), value: z.string().min(1).max(200) });
export const ProductStatus = z.enum(['DRAFT', 'ACTIVE', 'ARCHIVED']);

export const MerchantView = z.object({
  id: idOf('merchant'),
  name: z.string(),
  handle: z.string(),
  currency: CurrencyCode,
  ownerAccountId: idOf('account'),
  createdAt: z.iso.datetime(),
});

/** A variant as a buyer sees it; available = onHand - reserved at the moment of the answer. */
export const VariantView = z.object({
  id: idOf('variant'),
  productId: idOf('product'),
  merchantId: idOf('merchant'),
  sku: z.string().nullish(),
  barcode: z.string().nullish(),
  options: z.array(OptionView),
  price: Price,
  compareAtPrice: Price.nullish(),
  image: ImageView.nullish(),
  available: z.int(),
  /** Bumped by every change of this variant's price; what a buyer was quoted can be named by it. */
  priceVersion: z.int(),
  productTitle: z.string(),
  productStatus: ProductStatus,
});

export const ProductView = z.object({
  id: idOf('product'),
  merchantId: idOf('merchant'),
  handle: z.string(),
  title: z.string(),
  description: z.string(),
  vendor: z.string().nullish(),
  category: z.string().nullish(),
  tags: z.array(z.string()),
  status: ProductStatus,
  images: z.array(ImageView),
  variants: z.array(VariantView),
  priceFrom: Price.nullish(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

export type ImageView = z.infer<typeof ImageView>;
export type OptionView = z.infer<typeof OptionView>;
export type ProductStatus = z.infer<typeof ProductStatus>;
export type MerchantView = z.infer<typeof MerchantView>;
export type VariantView = z.infer<typeof VariantView>;
export type ProductView = z.infer<typeof ProductView>;
