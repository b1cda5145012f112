import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { ApiClient, type NewPerson } from './api-client.js';
import { callersPath, findTarget } from './config.js';
import { ownerOf } from './credentials.js';
import { readCsvFile } from './import/csv-file.js';
import { importProducts, type ImportReport } from './import/import-products.js';
import { ensureMerchant } from './merchants.js';
import { runTool } from './run-tool.js';

const USAGE = `npm run import -- shopify FILE.csv --merchant HANDLE [--currency USD] [--url URL] [--email E --password P]

Imports a Shopify product export. Creates the merchant (in USD unless --currency says otherwise) and an owner for it
where they are missing. Importing again changes what the file has changed since.
Exit status: 0 all imported, 3 rows were rejected, 1 it failed.`;

const ROWS_REJECTED = 3;
const CONCURRENCY = 8;
const DEFAULT_CURRENCY = 'USD';

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      merchant: { type: 'string' },
      currency: { type: 'string' },
      url: { type: 'string' },
      email: { type: 'string' },
      password: { type: 'string' },
    },
  });
  const [format, file] = positionals;
  if (format !== 'shopify' || !file || !values.merchant) throw new Error(USAGE);
  return { ...values, merchant: values.merchant, file: callersPath(file) };
}

async function main(): Promise<number> {
  const { merchant: handle, currency, url, email, password, file } = readArguments();
  const target = findTarget(url);
  const { rows, rejected } = await readCsvFile(file);
  const client = new ApiClient(target.url);
  const owner: NewPerson = email && password ? { email, password, name: handle } : ownerOf(handle, target.dataDir);
  await client.enter(owner);
  const merchant = await ensureMerchant(client, { handle, name: handle, currency: currency ?? DEFAULT_CURRENCY });
  if (currency && currency !== merchant.currency) throw new Error(`${handle} sells in ${merchant.currency}`);
  const bar = new SingleBar({ format: '{bar} {value}/{total} products', hideCursor: true, clearOnComplete: true });
  bar.start(rows.length, 0);
  const onProgress = (done: number, total: number) => {
    bar.setTotal(total);
    bar.update(done);
  };
  const report = await importProducts({ client, merchant, rows, concurrency: CONCURRENCY, onProgress }).finally(() =>
    bar.stop(),
  );
  print({ ...report, rejected: [...rejected, ...report.rejected].toSorted((left, right) => left.line - right.line) });
  return report.rejected.length + rejected.length > 0 ? ROWS_REJECTED : 0;
}

function print({ products, variants, rejected, warnings }: ImportReport): void {
  for (const { line, reason } of warnings) console.log(`line ${line}: warning: ${reason}`);
  for (const { line, reason } of rejected) console.log(`line ${line}: rejected: ${reason}`);
  console.log(`imported ${products} products, ${variants} variants; ${rejected.length} rows rejected`);
}

await runTool(USAGE, main);
