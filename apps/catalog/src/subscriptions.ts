import { CommitStockWhenOrderIsConfirmed } from './stock/commit-stock-when-order-is-confirmed.reaction.js';
import { GiveBackStockWhenOrderIsCancelled } from './stock/give-back-stock-when-order-is-cancelled.reaction.js';
import { ReserveStockWhenOrderIsPlaced } from './stock/reserve-stock-when-order-is-placed.reaction.js';
import { TakeCountsWhenProductChanges } from './stock/take-counts-when-product-changes.reaction.js';

/** Every event that this service reacts to. */
export const reactions = [
  ReserveStockWhenOrderIsPlaced, //     order.placed
  CommitStockWhenOrderIsConfirmed, //   order.confirmed
  GiveBackStockWhenOrderIsCancelled, // order.cancelling, order.cancelled
  TakeCountsWhenProductChanges, //      product.created, product.changed
];

/** None of its groups can be made anew, and here is what to do instead. */
export const lasting = {
  'catalog.counts':
    'it takes the counts of products into the stock, which sells them; what is wrong there is corrected by setting the stock of the variant',
  'catalog.stock':
    'it holds and gives back pieces of stock for orders, and which order holds what is in no event; a lost database comes back from its backup only',
};
