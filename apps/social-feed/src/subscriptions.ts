import { CountCommentsWhenOneIsAdded } from './comment/count-comments-when-one-is-added.reaction.js';
import { SettleTieWhenGraphChanges } from './graph/settle-tie-when-graph-changes.reaction.js';
import { CopyProductWhenCatalogChanges } from './product/copy-product-when-catalog-changes.reaction.js';
import { ProductCopies } from './product/product-copy.projection.js';
import { CreateProfileWhenAccountIsCreated } from './profile/create-profile-when-account-is-created.reaction.js';
import { CountReactionsWhenTheyChange } from './reaction/count-reactions-when-they-change.reaction.js';
import { CountOrderWhenOrderIsConfirmed } from './share-link/count-order-when-order-is-confirmed.reaction.js';
import { FanOutWhenPostIsPublished } from './timeline/fan-out-when-post-is-published.reaction.js';

/** Every event that this service reacts to. */
export const reactions = [
  CreateProfileWhenAccountIsCreated, // account.created
  CopyProductWhenCatalogChanges, //     product.created, product.changed
  CountOrderWhenOrderIsConfirmed, //    order.confirmed
  FanOutWhenPostIsPublished, //         post.published
  SettleTieWhenGraphChanges, //         graph.followed, graph.unfollowed
  CountReactionsWhenTheyChange, //      reaction.set, reaction.removed
  CountCommentsWhenOneIsAdded, //       comment.added
];

/**
 * Groups that can be made anew from the events of other services. The others have effects, or count what this service
 * itself holds.
 */
export const projections = [{ group: 'social-feed.products', collections: [ProductCopies] }];
