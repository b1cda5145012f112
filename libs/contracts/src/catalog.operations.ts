import { z } from 'zod';
import { ImageView, MerchantView, OptionView, ProductStatus, ProductView, VariantView } from './catalog.views.js';
import { NamedId } from './ids.js';
import { CurrencyCode, Price } from './money.js';
import { ClientMutationKey, defineCommand, defineQuery } from './operation.js';
import { PageInput, pageOf } from './page.js';
import { HandleTaken, IdempotencyConflict, InvalidInput, NotFound, resultOf } from './user-errors.js';

const Ids = z.object({ ids: z.array(NamedId).max(500) });

// ---- queries

export const MerchantsByIds = defineQuery({
  name: 'catalog.merchantsByIds',
  access: 'anyone',
  description: 'The merchants that exist of these ids, in any order.',
  input: Ids,
  output: z.array(MerchantView),
});
export const MerchantByHandle = defineQuery({
  name: 'catalog.merchantByHandle',
  access: 'anyone',
  description: 'The merchant with this handle, or null.',
  input: z.object({ handle: z.string().max(100) }),
  output: MerchantView.nullable(),
});
export const MerchantsOfCaller = defineQuery({
  name: 'catalog.merchantsOfCaller',
  access: 'signed-in',
  description: 'The merchants that the caller owns or is on the staff of.',
  input: z.object({}),
  output: z.array(MerchantView),
});
export const ProductsByIds = defineQuery({
  name: 'catalog.productsByIds',
  access: 'anyone',
  description:
    "The products that exist of these ids and are the caller's to see (drafts and archived ones: staff only).",
  input: Ids,
  output: z.array(ProductView),
});
export const VariantsByIds = defineQuery({
  name: 'catalog.variantsByIds',
  access: 'anyone',
  description: "The variants that exist of these ids and are the caller's to see, with live price and availability.",
  input: Ids,
  output: z.array(VariantView),
});
const WantedProducts = z.object({
  query: z.string().max(200).nullish(),
  filter: z
    .object({
      merchantId: NamedId.nullish(),
      category: z.string().max(200).nullish(),
      tag: z.string().max(200).nullish(),
      sku: z.string().max(200).nullish(),
      priceFrom: z.int().nullish(),
      priceTo: z.int().nullish(),
      inStock: z.boolean().nullish(),
    })
    .nullish(),
});
export const SearchProducts = defineQuery({
  name: 'catalog.searchProducts',
  access: 'anyone',
  description:
    'Products on sale, newest first, that match every word of the query and the filter. Prices in minor units.',
  input: PageInput.extend(WantedProducts.shape),
  output: pageOf(ProductView),
});
export const CountProducts = defineQuery({
  name: 'catalog.countProducts',
  access: 'anyone',
  description:
    'How many products SearchProducts finds in all; null beyond 1,000, and with inStock, which no count can tell.',
  input: WantedProducts,
  output: z.int().nullable(),
});

// ---- commands

const Title = z.string().trim().min(1, 'is empty').max(300);
const Name = z.string().trim().min(1, 'is empty').max(120);
const Handle = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?$/,
    'has other characters than a-z, 0-9 and inner dashes, or is too long',
  );
const Sku = z.string().trim().max(200).nullish();
const Barcode = z.string().trim().max(100).nullish();
const Tags = z.array(z.string().trim().min(1).max(200)).max(250);
const Images = z.array(ImageView).max(250);
const Description = z.string().max(65_536);

export const VariantInput = z.object({
  sku: Sku,
  barcode: Barcode,
  options: z.array(OptionView).max(10),
  price: Price,
  compareAtPrice: Price.nullish(),
  onHand: z.int().min(0, 'is negative').max(1_000_000_000),
});

export const CreateMerchant = defineCommand({
  name: 'catalog.createMerchant',
  access: 'signed-in',
  description: 'Opens a merchant that the caller owns.',
  input: z.object({ clientMutationKey: ClientMutationKey, name: Name, handle: Handle, currency: CurrencyCode }),
  output: z.discriminatedUnion('__typename', [
    resultOf('Merchant', MerchantView),
    HandleTaken,
    InvalidInput,
    IdempotencyConflict,
  ]),
});
export const CreateProduct = defineCommand({
  name: 'catalog.createProduct',
  access: 'signed-in',
  description:
    'Adds a product, or updates the one with the same externalId of the same merchant (matching variants by their options). Staff only.',
  input: z.object({
    clientMutationKey: ClientMutationKey,
    merchantId: NamedId,
    externalId: z.string().min(1).max(200).nullish(),
    handle: Handle.nullish(),
    title: Title,
    description: Description,
    vendor: z.string().trim().max(200).nullish(),
    category: z.string().trim().max(200).nullish(),
    tags: Tags,
    images: Images,
    variants: z.array(VariantInput).min(1, 'has no variant').max(100),
    status: ProductStatus,
  }),
  output: z.discriminatedUnion('__typename', [
    resultOf('Product', ProductView),
    NotFound,
    InvalidInput,
    IdempotencyConflict,
  ]),
});
export const UpdateProduct = defineCommand({
  name: 'catalog.updateProduct',
  access: 'signed-in',
  description: 'Changes the fields that are given. Staff only.',
  input: z.object({
    clientMutationKey: ClientMutationKey,
    id: NamedId,
    title: Title.nullish(),
    description: Description.nullish(),
    vendor: z.string().trim().max(200).nullish(),
    category: z.string().trim().max(200).nullish(),
    tags: Tags.nullish(),
    images: Images.nullish(),
    status: ProductStatus.nullish(),
  }),
  output: z.discriminatedUnion('__typename', [
    resultOf('Product', ProductView),
    NotFound,
    InvalidInput,
    IdempotencyConflict,
  ]),
});
export const UpdateVariant = defineCommand({
  name: 'catalog.updateVariant',
  access: 'signed-in',
  description: 'Changes the fields that are given. Staff only.',
  input: z.object({
    clientMutationKey: ClientMutationKey,
    id: NamedId,
    sku: Sku,
    barcode: Barcode,
    price: Price.nullish(),
    compareAtPrice: Price.nullish(),
  }),
  output: z.discriminatedUnion('__typename', [
    resultOf('Variant', VariantView),
    NotFound,
    InvalidInput,
    IdempotencyConflict,
  ]),
});
export const SetStock = defineCommand({
  name: 'catalog.setStock',
  access: 'signed-in',
  description: 'Sets what is physically there, reserved pieces included; never below what is reserved. Staff only.',
  input: z.object({
    clientMutationKey: ClientMutationKey,
    variantId: NamedId,
    onHand: z.int().min(0, 'is negative').max(1_000_000_000),
  }),
  output: z.discriminatedUnion('__typename', [
    resultOf('Variant', VariantView),
    NotFound,
    InvalidInput,
    IdempotencyConflict,
  ]),
});
