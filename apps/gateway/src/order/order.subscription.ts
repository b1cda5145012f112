import { OrdersByIds, type OrderSnapshot, type OrderView } from '#contracts';
import { ForbiddenError } from '#service-kit';
import type { RequestScope } from '../context/request-scope.js';
import type { Root } from '../graphql/resolvers.js';
import type { Change } from '../live/change-feed.js';
import { liveStream } from '../live/live-stream.js';
import type { Mail } from '../live/mailbox.js';
import { patiently } from '../live/patiently.js';
import { OrderProgress } from './order-progress.js';

/**
 * The order as it is now, then as it was at each of its events: no state is skipped, however fast they come. With a cursor
 * it goes on there, with the states that came meanwhile, as long as these are known.
 */
export function watchOrder(
  _: Root,
  { id, after }: { id: string; after?: string | null },
  scope: RequestScope,
): Promise<AsyncIterableIterator<OrderView>> {
  scope.requireToken();
  const progress = new OrderProgress();
  // Asked for each event: it is the order service that says whether the viewer may still see this order.
  const present = async (): Promise<OrderView> => {
    const [order] = await patiently(() => scope.call(OrdersByIds, { ids: [id] }));
    if (!order) throw new ForbiddenError('There is no such order, or it is not yours to see');
    return order;
  };
  const next = async ({ items, missed }: Mail<Change>): Promise<readonly OrderView[]> => {
    const order = await present();
    const steps = missed ? [] : items.map(({ data }) => progress.after(data as OrderSnapshot, order));
    return [...steps, missed ? progress.now(order) : undefined].filter((step) => step !== undefined);
  };
  const resumed = after ? scope.changes.resume([id], after) : undefined;
  const first = async (): Promise<readonly OrderView[]> => {
    const order = await present();
    return resumed ? [] : [progress.now(order)].filter((one) => one !== undefined);
  };
  return liveStream({ scope, mailbox: resumed ?? scope.changes.watch([id]), first, next });
}
