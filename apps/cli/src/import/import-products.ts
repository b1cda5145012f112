import { createHash } from 'node:crypto';
import type { ApiClient } from '../api-client.js';
import { ApiError, RefusedError } from '../api.errors.js';
import { CreateProduct, type CreatedProduct } from '../mutations.js';
import { fitToApi } from './product.policy.js';
import { groupByHandle, readProduct, type ImportedProduct, type RowProblem, type ShopifyRow } from './shopify-csv.js';

export interface ImportReport {
  products: number;
  variants: number;
  rejected: RowProblem[];
  warnings: RowProblem[];
}
interface ImportOptions {
  client: Pick<ApiClient, 'mutate'>;
  merchant: { id: string; currency: string };
  rows: readonly ShopifyRow[];
  /** How many products are on the way at once. */
  concurrency: number;
  onProgress?: (done: number, total: number) => void;
  /** What was imported of each product. */
  onImported?: (product: ImportedProduct, made: CreatedProduct) => void;
}

/**
 * Sends each product under its handle as externalId, so that a second run updates what the first created and changes
 * nothing where the file has not changed. Errors: ApiError, when the API is gone for good.
 */
export async function importProducts(options: ImportOptions): Promise<ImportReport> {
  const { merchant, rows, concurrency, onProgress } = options;
  const { products, rejected } = groupByHandle(rows);
  const report: ImportReport = { products: 0, variants: 0, rejected: [...rejected], warnings: [] };
  const waiting = products.values();
  let done = 0;
  const worker = async () => {
    for (const group of waiting) {
      const { product, lines, rejected, warnings } = fitToApi(readProduct(group, merchant.currency));
      report.rejected.push(...rejected);
      report.warnings.push(...warnings);
      if (product) await send(options, product, lines, report);
      onProgress?.(++done, products.length);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  report.rejected.sort((left, right) => left.line - right.line);
  report.warnings.sort((left, right) => left.line - right.line);
  return report;
}

async function send(
  { client, merchant, onImported }: ImportOptions,
  product: ImportedProduct,
  lines: readonly number[],
  report: ImportReport,
): Promise<void> {
  const input = { ...product, merchantId: merchant.id, clientMutationKey: keyOf(merchant.id, product) };
  try {
    const made = await client.mutate(CreateProduct, input);
    report.products += 1;
    report.variants += made.variants.length;
    onImported?.(product, made);
  } catch (error) {
    const isRefusal = error instanceof RefusedError || (error instanceof ApiError && error.code === 'BAD_USER_INPUT');
    if (!isRefusal) throw error;
    const seen = new Set(report.rejected.map(({ line }) => line));
    const reason = `${product.externalId}: ${error.message}`;
    report.rejected.push(...lines.filter((line) => !seen.has(line)).map((line) => ({ line, reason })));
  }
}

/** A request that is repeated because its answer was lost carries the same key; another run has another. */
const run = process.pid.toString(36) + Date.now().toString(36);
const keyOf = (merchantId: string, product: ImportedProduct): string =>
  createHash('sha256')
    .update(JSON.stringify([run, merchantId, product]))
    .digest('hex');
