import type { ProductView, VariantView } from '#contracts';
import type { Stored } from '#persistence';
import { priceFrom, type Product, type Variant } from './product.js';
import type { ProductCard } from './product.repository.js';

export const toVariantView = (
  { id, state }: Stored<ProductCard>,
  variant: Variant,
  available: number,
): VariantView => ({
  id: variant.id,
  productId: id,
  merchantId: state.merchantId,
  sku: variant.sku,
  barcode: variant.barcode,
  options: [...variant.options],
  price: variant.price,
  compareAtPrice: variant.compareAtPrice,
  image: state.images[0] ?? null,
  available,
  priceVersion: variant.priceVersion,
  productTitle: state.title,
  productStatus: state.status,
});

export const toProductView = ({ id, state }: Stored<Product>, variants: readonly VariantView[]): ProductView => ({
  id,
  merchantId: state.merchantId,
  handle: state.handle,
  title: state.title,
  description: state.description,
  vendor: state.vendor,
  category: state.category,
  tags: [...state.tags],
  status: state.status,
  images: [...state.images],
  variants: [...variants],
  priceFrom: priceFrom(state),
  createdAt: state.createdAt.toISOString(),
  updatedAt: state.updatedAt.toISOString(),
});
