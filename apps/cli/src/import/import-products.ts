import { createHash } from 'node:crypto';
import { ApiError, type ApiClient } from '../api-client.js';
import { groupByHandle, readProduct, type ImportedProduct, type RowProblem, type ShopifyRow } from './shopify-csv.js';

export interface ImportReport {
  products: number;
  variants: number;
  rejected: RowProblem[];
  warnings: RowProblem[];
}
interface ImportOptions {
  client: ApiClient;
  merchant: { id: string; currency: string };
  rows: readonly ShopifyRow[];
  /** How many products are on the way at once. */
  concurrency: number;
  onProgress: (done: number, total: number) => void;
}

const CREATE = `mutation Import($input: CreateProductInput!) {
  createProduct(input: $input) { __typename ... on Product { id variants { id } } ... on UserError { code message } }
}`;

interface Created {
  createProduct: { __typename: string; id?: string; variants?: { id: string }[]; code?: string; message?: string };
}

/**
 * Sends each product under its handle as externalId, so that a second run updates what the first created and changes
 * nothing where the file has not changed. Errors: ApiError, when the API is gone for good.
 */
export async function importProducts({
  client,
  merchant,
  rows,
  concurrency,
  onProgress,
}: ImportOptions): Promise<ImportReport> {
  const { products, rejected } = groupByHandle(rows);
  const report: ImportReport = { products: 0, variants: 0, rejected: [...rejected], warnings: [] };
  const waiting = products.values();
  let done = 0;
  const worker = async () => {
    for (const group of waiting) {
      const { product, lines, rejected, warnings } = readProduct(group, merchant.currency);
      report.rejected.push(...rejected);
      report.warnings.push(...warnings);
      if (product) await send(client, merchant.id, product, lines, report);
      onProgress(++done, products.length);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  report.rejected.sort((a, b) => a.line - b.line);
  report.warnings.sort((a, b) => a.line - b.line);
  return report;
}

async function send(
  client: ApiClient,
  merchantId: string,
  product: ImportedProduct,
  lines: readonly number[],
  report: ImportReport,
): Promise<void> {
  const clientMutationKey = keyOf(merchantId, product);
  const reason = await client
    .request<Created>(CREATE, { input: { ...product, merchantId, clientMutationKey } })
    .then(({ createProduct }) => {
      if (createProduct.__typename !== 'Product') return createProduct.message ?? createProduct.code ?? 'refused';
      report.products += 1;
      report.variants += createProduct.variants?.length ?? 0;
      return undefined;
    })
    .catch((error: unknown) => {
      if (error instanceof ApiError && error.code === 'BAD_USER_INPUT') return error.message;
      throw error;
    });
  if (reason) report.rejected.push(...lines.map((line) => ({ line, reason: `${product.handle}: ${reason}` })));
}

/** A request that is repeated because its answer was lost carries the same key; another run has another. */
const run = process.pid.toString(36) + Date.now().toString(36);
const keyOf = (merchantId: string, product: ImportedProduct): string =>
  createHash('sha256')
    .update(JSON.stringify([run, merchantId, product]))
    .digest('hex');
