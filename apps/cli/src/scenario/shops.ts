import { AccountCreated, MerchantCreated, ProductCreated, ProfileCreated, StockSet } from '#contracts';
import { importProducts } from '../import/import-products.js';
import { groupByHandle } from '../import/shopify-csv.js';
import { ensureMerchant } from '../merchants.js';
import { startProgress } from '../progress.js';
import type { ScenarioInput } from './input.js';
import type { Offer } from './order-plan.js';
import type { Person, Stage } from './stage.js';

export interface Shop {
  readonly name: string;
  readonly merchantId: string;
  readonly owner: Person;
  /** What can be bought, in the order of the export. */
  readonly shelf: readonly Offer[];
}

const CONCURRENCY = 8;

/** Opens a shop for each export and imports it. */
export async function openShops(stage: Stage, input: ScenarioInput): Promise<Shop[]> {
  const shops: Shop[] = [];
  for (const { name, rows } of input.shops) {
    await stage.play.step(`The shop «${name}» opens and imports its products`, async (step) => {
      const owner = await stage.enter(`${name} owner`);
      const handle = `${name}-${stage.run}`;
      const merchant = await ensureMerchant(owner.client, { handle, name: `${name} ${stage.run}`, currency: 'USD' });
      stage.play.know(merchant.id);
      const groups = groupByHandle(rows).products;
      const offers = new Map<string, Offer[]>();
      const progress = startProgress('products', groups.length);
      const report = await importProducts({
        client: owner.client,
        merchant,
        rows,
        concurrency: CONCURRENCY,
        onProgress: () => progress.step(),
        onImported: ({ externalId, status }, { id, variants }) => {
          stage.play.know(id);
          const shown = variants.map(({ id: variantId, available }) => ({
            variantId,
            productId: id,
            available: available ?? 0,
          }));
          if (status === 'ACTIVE') offers.set(externalId, shown);
        },
      }).finally(() => progress.stop());
      const { products, variants, rejected } = report;
      step.say(`imported ${products} products, ${variants} variants; ${rejected.length} rows rejected`);
      step.check('rejected rows', rejected, []);
      step.causes(AccountCreated, ProfileCreated, MerchantCreated, [ProductCreated, products], [StockSet, variants]);
      const inOrder = groups.flatMap(([row]) => offers.get(row?.cells['Handle']?.trim() ?? '') ?? []);
      shops.push({ name, merchantId: merchant.id, owner, shelf: inOrder.filter(({ available }) => available > 0) });
    });
  }
  return shops;
}
