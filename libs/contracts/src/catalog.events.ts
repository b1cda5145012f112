import { z } from 'zod';
import { ImageView, OptionView, ProductStatus } from './catalog.views.js';
import { defineEvent } from './envelope.js';
import { idOf } from './ids.js';
import { CurrencyCode, Price } from './money.js';

const MERCHANT_TOPIC = 'catalog.merchant.v1';
const PRODUCT_TOPIC = 'catalog.product.v1';
const STOCK_TOPIC = 'catalog.stock.v1';

const IDS = {
  account: 'account_01m84gm0f0f25a4d8x22mf2yaw',
  merchant: 'merchant_01m84gm0f0f25a4d8x22mf2yaw',
  product: 'product_01m84gm0f0f25a4d8x22mf2yaw',
  variant: 'variant_01m84gm0f0f25a4d8x22mf2yaw',
  order: 'order_01m84gm0f0f25a4d8x22mf2yaw',
};

export const MerchantCreated = defineEvent({
  type: 'merchant.created',
  topic: MERCHANT_TOPIC,
  owner: 'catalog',
  key: 'merchantId',
  description: 'A merchant was opened; its owner may sell from now on.',
  schema: z.object({
    merchantId: idOf('merchant'),
    ownerAccountId: idOf('account'),
    name: z.string(),
    handle: z.string(),
    currency: CurrencyCode,
  }),
  example: {
    merchantId: IDS.merchant,
    ownerAccountId: IDS.account,
    name: "Ana's lamps",
    handle: 'ana',
    currency: 'EUR',
  },
});

/** The whole product but its description, so that a reader needs no earlier event. */
const ProductSnapshot = z.object({
  productId: idOf('product'),
  merchantId: idOf('merchant'),
  handle: z.string(),
  title: z.string(),
  vendor: z.string().nullish(),
  category: z.string().nullish(),
  tags: z.array(z.string()),
  status: ProductStatus,
  image: ImageView.nullish(),
  variants: z.array(
    z.object({
      variantId: idOf('variant'),
      sku: z.string().nullish(),
      barcode: z.string().nullish(),
      options: z.array(OptionView),
      price: Price,
      compareAtPrice: Price.nullish(),
      priceVersion: z.int(),
    }),
  ),
});
export type ProductSnapshot = z.infer<typeof ProductSnapshot>;

const productExample: ProductSnapshot = {
  productId: IDS.product,
  merchantId: IDS.merchant,
  handle: 'desk-lamp',
  title: 'Desk lamp',
  tags: ['light'],
  status: 'ACTIVE',
  variants: [
    {
      variantId: IDS.variant,
      sku: 'LAMP-1',
      options: [],
      price: { amountMinor: 4900, currency: 'EUR' },
      priceVersion: 1,
    },
  ],
};

export const ProductCreated = defineEvent({
  type: 'product.created',
  topic: PRODUCT_TOPIC,
  owner: 'catalog',
  key: 'productId',
  description: 'A merchant added a product, perhaps still as a draft.',
  schema: ProductSnapshot,
  example: productExample,
});

export const ProductChanged = defineEvent({
  type: 'product.changed',
  topic: PRODUCT_TOPIC,
  owner: 'catalog',
  key: 'productId',
  description: 'Something of a product or one of its variants changed; the event carries all of it as it is now.',
  schema: ProductSnapshot,
  example: { ...productExample, title: 'Desk lamp, brass' },
});

export const PriceChangedEvent = defineEvent({
  type: 'price.changed',
  topic: PRODUCT_TOPIC,
  owner: 'catalog',
  key: 'productId',
  stateBy: ['variantId'],
  description: "A variant's price or compare-at price changed; the price history is made of these.",
  schema: z.object({
    productId: idOf('product'),
    variantId: idOf('variant'),
    merchantId: idOf('merchant'),
    before: Price,
    after: Price,
    priceVersion: z.int(),
  }),
  example: {
    productId: IDS.product,
    variantId: IDS.variant,
    merchantId: IDS.merchant,
    before: { amountMinor: 4900, currency: 'EUR' },
    after: { amountMinor: 4500, currency: 'EUR' },
    priceVersion: 2,
  },
});

/** Counts of one variant after the change. available = onHand - reserved, never below 0. */
const StockLevel = z.object({
  variantId: idOf('variant'),
  productId: idOf('product'),
  merchantId: idOf('merchant'),
  onHand: z.int().min(0),
  reserved: z.int().min(0),
  available: z.int().min(0),
});
export type StockLevel = z.infer<typeof StockLevel>;
const ForOrder = StockLevel.extend({ orderId: idOf('order'), quantity: z.int().min(1) });

const levelExample: StockLevel = {
  variantId: IDS.variant,
  productId: IDS.product,
  merchantId: IDS.merchant,
  onHand: 3,
  reserved: 1,
  available: 2,
};
const forOrderExample = { ...levelExample, orderId: IDS.order, quantity: 1 };
const stockEvent = { topic: STOCK_TOPIC, owner: 'catalog', key: 'variantId' } as const;

export const StockSet = defineEvent({
  ...stockEvent,
  type: 'stock.set',
  description: 'The merchant counted what is physically there (also fired, with the first count, for a new variant).',
  schema: StockLevel,
  example: levelExample,
});
export const StockReserved = defineEvent({
  ...stockEvent,
  type: 'stock.reserved',
  description: 'Pieces were set aside for an order until expiresAt.',
  schema: ForOrder.extend({ expiresAt: z.iso.datetime() }),
  example: { ...forOrderExample, expiresAt: '2026-11-23T12:20:00.000Z' },
});
export const StockRejected = defineEvent({
  ...stockEvent,
  type: 'stock.rejected',
  description:
    'An order asked for more pieces than were available, or for a variant that is not for sale; nothing was set aside.',
  schema: ForOrder,
  example: { ...forOrderExample, quantity: 9 },
});
export const StockReleased = defineEvent({
  ...stockEvent,
  type: 'stock.released',
  description:
    'Pieces set aside for an order are available again: the order was cancelled, or the reservation expired.',
  schema: ForOrder.extend({ reason: z.enum(['CANCELLED', 'EXPIRED']) }),
  example: { ...forOrderExample, reserved: 0, available: 3, reason: 'CANCELLED' },
});
export const StockCommitted = defineEvent({
  ...stockEvent,
  type: 'stock.committed',
  description: 'Pieces set aside for an order were sold: they left onHand.',
  schema: ForOrder,
  example: { ...forOrderExample, onHand: 2, reserved: 0 },
});
export const StockRestocked = defineEvent({
  ...stockEvent,
  type: 'stock.restocked',
  description: 'Pieces sold to an order came back to onHand: it was cancelled before shipping.',
  schema: ForOrder,
  example: { ...forOrderExample, onHand: 3, reserved: 0, available: 3 },
});

export const catalogEvents = [
  MerchantCreated,
  ProductCreated,
  ProductChanged,
  PriceChangedEvent,
  StockSet,
  StockReserved,
  StockRejected,
  StockReleased,
  StockCommitted,
  StockRestocked,
] as const;
