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
