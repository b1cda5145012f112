// npm run bench:database-size [-- DOCUMENTS]: what a million stored documents cost the embedded database, alone in a
// process: the time until it is ready, its resident memory at the most while the documents are written and read, point
// reads, and how long another connection waits while all documents are looked through.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { MongoClient } from 'mongodb';

const count = Number(process.argv[2] ?? 1_000_000);
const LIMIT_MB = 600;
const dataDir = await mkdtemp(join(tmpdir(), 'bench-mongo-'));
const startModule = new URL('../dist/libs/embedded-mongo/src/index.js', import.meta.url).href;
const program = `
  const { startEmbeddedMongo } = await import(${JSON.stringify(startModule)});
  console.log((await startEmbeddedMongo({ dataDir: ${JSON.stringify(dataDir)} })).uri);`;

/** An order as its service stores it, without its outbox. About 500 bytes. */
const order = (number) => ({
  _id: `order_${String(number).padStart(26, '0')}`,
  customerId: `customer_${number % 50_000}`,
  status: ['PLACED', 'PAID', 'SHIPPED', 'DONE'][number % 4],
  placedAt: new Date(1_700_000_000_000 + number * 1_000),
  lines: [1, 2, 3].map((line) => ({ sku: `sku_${(number * line) % 500}`, quantity: line, priceMinorUnits: 1999 })),
  address: { name: 'Ana Example', street: 'Long Street 12', city: 'Graz', zip: '8010', country: 'AT' },
  v: 1,
});

async function start() {
  const startMs = performance.now();
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [uri] = await once(createInterface({ input: child.stdout }), 'line');
  const client = await MongoClient.connect(uri);
  const orders = client.db('bench').collection('orders');
  return { child, client, orders, readyMs: performance.now() - startMs };
}

async function stop({ child, client }) {
  await client.close();
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** Runs the work; tells how long it took, the most that was resident meanwhile, and what another connection saw. */
async function phase(title, { child, orders }, work) {
  await writeFile(`/proc/${child.pid}/clear_refs`, '5');
  const waits = [];
  const beside = { goesOn: true };
  const other = (async () => {
    while (beside.goesOn) {
      const sentMs = performance.now();
      await orders.findOne({ _id: order(Math.floor(Math.random() * count))._id });
      waits.push(performance.now() - sentMs);
    }
  })();
  const startMs = performance.now();
  const result = await work();
  const seconds = (performance.now() - startMs) / 1_000;
  beside.goesOn = false;
  await other;
  waits.sort((one, next) => one - next);
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  const megabytes = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  const peak = megabytes('VmHWM');
  const now = `now ${megabytes('VmRSS')}: own ${megabytes('RssAnon')}, mapped ${megabytes('RssFile')}`;
  const reads = `findOne beside it p50 ${percentile(waits, 0.5).toFixed(2)}, p99 ${percentile(waits, 0.99).toFixed(1)}, most ${waits.at(-1).toFixed(0)} ms`;
  console.log(`${title.padEnd(34)}${seconds.toFixed(1)} s; resident at most ${peak} MB (${now}); ${reads}`);
  return { peak, result };
}

let server = await start();
const peaks = [];
const measure = async (title, work) => {
  const { peak, result } = await phase(title, server, work);
  peaks.push(peak);
  return result;
};
await server.orders.createIndex({ customerId: 1, placedAt: -1 });
await measure(`${count} documents are inserted`, async () => {
  for (let number = 0; number < count; number += 1_000) {
    await server.orders.insertMany(Array.from({ length: 1_000 }, (_, i) => order(number + i)));
  }
});
const { size } = await stat(join(dataDir, 'data.mdb'));
await stop(server);
server = await start();
console.log(
  `ready after a kill                ${Math.round(server.readyMs)} ms; file ${Math.round(size / 2 ** 20)} MB`,
);

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
await measure('nothing else for 2 s', () => pause(2_000));
await measure('count without an index', () => server.orders.countDocuments({ 'address.zip': '8011' }));
await measure('count of all', () => server.orders.countDocuments());
await measure('find without an index', () => server.orders.find({ v: 2 }).toArray());
await measure('all are read', async () => {
  for await (const _ of server.orders.find()) continue;
});
await measure('group over all', () =>
  server.orders
    .aggregate([{ $unwind: '$lines' }, { $group: { _id: '$lines.sku', sold: { $sum: '$lines.quantity' } } }])
    .toArray(),
);
await measure('updateMany without an index', () => server.orders.updateMany({ v: 5 }, { $set: { v: 6 } }));
const peak = Math.max(...peaks);
console.log(`resident at most ${peak} MB of ${LIMIT_MB}: ${peak < LIMIT_MB ? 'reached' : 'MISSED'}`);

await stop(server);
await rm(dataDir, { recursive: true, force: true });
