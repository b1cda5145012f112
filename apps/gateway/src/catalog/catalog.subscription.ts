import { ProductsByIds, VariantsByIds, type VariantView } from '#contracts';
import { BadInputError } from '#service-kit';
import type { RequestScope } from '../context/request-scope.js';
import type { Root } from '../graphql/resolvers.js';
import type { Change } from '../live/change-feed.js';
import { liveStream } from '../live/live-stream.js';
import type { Mail } from '../live/mailbox.js';
import { patiently } from '../live/patiently.js';

const MAX_PRODUCTS = 50;
const MAX_IDS = 500;

/**
 * Each variant of these products as it is now, then as it is after each change that a buyer can see. With a cursor, only
 * what has changed since, as long as that is known.
 */
export function watchVariants(
  _: Root,
  { productIds, after }: { productIds: string[]; after?: string | null },
  scope: RequestScope,
): Promise<AsyncIterableIterator<VariantView>> {
  const ids = [...new Set(productIds)];
  if (ids.length < 1 || ids.length > MAX_PRODUCTS) {
    throw new BadInputError(`productIds has ${ids.length} products; it can have 1 to ${MAX_PRODUCTS}`);
  }
  const seen = new SeenVariants();
  const present = async (): Promise<readonly VariantView[]> => {
    const products = await patiently(() => scope.call(ProductsByIds, { ids }));
    return seen.changed(products.flatMap(({ variants }) => variants));
  };
  const next = async ({ items, missed }: Mail<Change>): Promise<readonly VariantView[]> => {
    const variantIds = new Set(items.flatMap(variantsOf));
    if (missed || variantIds.size > MAX_IDS) return present();
    // The catalog answers with what is now, and with nothing that the viewer may not see.
    return seen.changed(await patiently(() => scope.call(VariantsByIds, { ids: [...variantIds] })));
  };
  const resumed = after ? scope.changes.resume(ids, after) : undefined;
  const first = async (): Promise<readonly VariantView[]> => (resumed ? [] : present());
  return liveStream({ scope, mailbox: resumed ?? scope.changes.watch(ids), first, next });
}

/** Of stock and price events one variant, of product events all. */
function variantsOf({ data }: Change): string[] {
  const { variantId, variants } = data as { variantId?: string; variants?: { variantId: string }[] };
  return variantId ? [variantId] : (variants ?? []).map((variant) => variant.variantId);
}

/** What the client knows: events that change nothing for a buyer are not told. */
class SeenVariants {
  private readonly known = new Map<string, string>();

  changed(variants: readonly VariantView[]): VariantView[] {
    return variants.filter((variant) => {
      const now = JSON.stringify(variant);
      if (this.known.get(variant.id) === now) return false;
      this.known.set(variant.id, now);
      return true;
    });
  }
}
