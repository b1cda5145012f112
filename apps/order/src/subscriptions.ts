import { EmptyCartWhenOrderIsPlaced } from './cart/empty-cart-when-order-is-placed.reaction.js';
import { CopyAvailabilityWhenStockChanges } from './catalog/copy-availability-when-stock-changes.reaction.js';
import { CopyMerchantWhenItOpens } from './catalog/copy-merchant-when-it-opens.reaction.js';
import { CopyVariantsWhenProductsChange } from './catalog/copy-variants-when-products-change.reaction.js';
import { MerchantCopies } from './catalog/merchant-copy.projection.js';
import { ProductCopies } from './catalog/product-copy.projection.js';
import { StockCopies } from './catalog/stock-copy.projection.js';
import { AdvanceOrderWhenStockAnswers } from './order/advance-order-when-stock-answers.reaction.js';

/** Every event that this service reacts to is named in one of these. */
export const reactions = [
  // order.checkout: stock.reserved, stock.rejected, stock.released, stock.restocked
  AdvanceOrderWhenStockAnswers,
  // order.cart: order.placed
  EmptyCartWhenOrderIsPlaced,
  // order.catalog: merchant.created, product.created, product.changed, all of stock
  CopyMerchantWhenItOpens,
  CopyVariantsWhenProductsChange,
  CopyAvailabilityWhenStockChanges,
];

/** Groups that can be made anew from the events of other services; the others have effects. */
export const projections = [{ group: 'order.catalog', collections: [ProductCopies, StockCopies, MerchantCopies] }];

/** Why the others can't be, and what to do instead. */
export const lasting = {
  'order.checkout':
    'it takes orders on their way and holds no copy; an order that does not go on is looked up in docs/operating.md, and a lost database comes back from its backup only',
  'order.cart': 'it empties carts, which no event tells of; a lost cart is filled again by its owner',
};
