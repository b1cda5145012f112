import type { CartView } from '#contracts';
import { lineTotal, subtotal, type Cart } from './cart.js';

export const toCartView = (id: string, cart: Cart): CartView => ({
  id,
  merchantId: cart.merchantId,
  lines: cart.lines.map((line) => ({
    id: line.id,
    variantId: line.variantId,
    quantity: line.quantity,
    quotedPrice: line.quotedPrice,
    lineTotal: lineTotal(line),
  })),
  subtotal: subtotal(cart),
  updatedAt: cart.updatedAt.toISOString(),
});
