// npm run bench:database [-- SECONDS [ROUNDS [NAME]]]: the operations that the services use, at 1, 8 and 32 connections,
// on the embedded database beside the one that MONGODB_URI names, by the same driver, in turns within one run. Both flush
// every write before they acknowledge it. The ratio says more than the figures, which are the machine's. Then commands on
// many documents, at one connection. Each server has a process of its own, as `npm run servers` gives the embedded one.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { diskFloor, drive, median, middleOf } from './support/figures.mjs';
import { manyAtOnce, seedMany } from './support/many-at-once.mjs';

const seconds = Number(process.argv[2] ?? 0.8);
const rounds = Number(process.argv[3] ?? 3);
const wanted = process.argv[4] ?? '';
const connectionCounts = [1, 8, 32];
/**
 * Before an operation is measured, the embedded server and the driver compile what it runs: on two cores the compiler's
 * threads take them from the others for up to 4 ms at a time.
 */
const [WARM_UP_SECONDS, WARM_UP_CONNECTIONS] = [3, 8];
const seeded = 20_000;
const customers = 1_000;

const pick = (count) => Math.floor(Math.random() * count);

/** An order as its service stores it: state, version, outbox. About 700 bytes. */
const order = (number) => ({
  _id: `order_${String(number).padStart(26, '0')}`,
  customerId: `customer_${number % customers}`,
  status: ['PLACED', 'PAID', 'SHIPPED', 'DONE'][number % 4],
  placedAt: new Date(1_700_000_000_000 + number * 1_000),
  lines: [1, 2, 3].map((line) => ({
    sku: `sku_${(number * line) % 500}`,
    title: 'A lamp for the desk',
    quantity: line,
    priceMinorUnits: 1999,
  })),
  address: { name: 'Ana Example', street: 'Long Street 12', city: 'Graz', zip: '8010', country: 'AT' },
  v: 1,
  rev: 1,
  outbox: [],
  commands: [`command_${number}`],
});

const event = (version) => ({
  id: `event_${version}_${Math.random()}`,
  type: 'order.paid',
  v: version,
  time: new Date(),
  key: 'order',
  data: { amountMinorUnits: 5997, currency: 'EUR', method: 'card', reference: 'x'.repeat(120) },
});

class Contestant {
  constructor(uri) {
    this.uri = uri;
    this.database = `bench-${Date.now()}`;
    this.last = seeded;
    this.revisions = new Map();
  }

  async connect(connections) {
    this.client = await new MongoClient(this.uri, { maxPoolSize: connections, minPoolSize: connections }).connect();
    this.orders = this.client.db(this.database).collection('orders');
    this.stock = this.client.db(this.database).collection('stock');
    await Promise.all(Array.from({ length: connections }, () => this.orders.findOne({ _id: 'none' })));
  }

  async seed() {
    await this.connect(1);
    await this.orders.createIndex({ customerId: 1, placedAt: -1 });
    await this.orders.createIndex({ outboxAt: 1 }, { partialFilterExpression: { outboxAt: { $exists: true } } });
    for (let number = 0; number < seeded; number += 1_000) {
      await this.orders.insertMany(Array.from({ length: 1_000 }, (_, i) => order(number + i)));
    }
    await this.stock.insertMany(Array.from({ length: 500 }, (_, i) => ({ _id: `sku_${i}`, free: 1e9, held: 0, v: 1 })));
    await this.client.close();
  }

  async drop() {
    await this.connect(1);
    await this.client.db(this.database).dropDatabase();
    await this.client.close();
  }

  /** Each lane has orders of its own, as the services queue the writes of one aggregate. */
  own(lane, lanes) {
    return pick(Math.floor(seeded / lanes)) * lanes + lane;
  }
}

const idOf = (number) => order(number)._id;

/** Name, and what one lane does once; `one` is the contestant. */
const operations = [
  ['insertOne', (one) => one.orders.insertOne(order((one.last += 1)))],
  ['findOne by _id', (one) => one.orders.findOne({ _id: idOf(pick(seeded)) })],
  [
    'find by index, sort, limit 20',
    (one) =>
      one.orders
        .find({ customerId: `customer_${pick(customers)}` }, { projection: { outbox: 0, commands: 0 } })
        .sort({ placedAt: -1 })
        .limit(20)
        .toArray(),
  ],
  [
    'versioned updateOne with $push',
    async (one, lane, lanes) => {
      const number = one.own(lane, lanes);
      const rev = one.revisions.get(number) ?? 1;
      const change = { $set: { status: 'PAID', v: rev + 1 }, $inc: { rev: 1 }, $min: { outboxAt: new Date() } };
      const push = { $push: { outbox: { $each: [event(rev + 1)], $slice: -3 } } };
      const { matchedCount } = await one.orders.updateOne({ _id: idOf(number), rev }, { ...change, ...push });
      if (matchedCount !== 1) throw new Error(`order ${number} is not at revision ${rev}`);
      one.revisions.set(number, rev + 1);
    },
  ],
  [
    'mark 10 published, bulkWrite of pipelines',
    (one, lane, lanes) =>
      one.orders.bulkWrite(
        Array.from({ length: 10 }, () => ({
          updateOne: {
            filter: { _id: idOf(one.own(lane, lanes)) },
            update: [
              { $set: { outbox: { $filter: { input: '$outbox', cond: { $gt: ['$$this.v', 1] } } } } },
              { $set: { outboxAt: { $cond: [{ $eq: [{ $size: '$outbox' }, 0] }, '$$REMOVE', '$outboxAt'] } } },
              { $set: { seen: Math.random() } },
            ],
          },
        })),
        { ordered: false },
      ),
  ],
  [
    'reservation: decrement if there is enough',
    (one) => one.stock.updateOne({ _id: `sku_${pick(500)}`, free: { $gte: 2 } }, { $inc: { free: -2, held: 2, v: 1 } }),
  ],
  [
    'findOneAndUpdate',
    (one, lane, lanes) =>
      one.orders.findOneAndUpdate(
        { _id: idOf(one.own(lane, lanes)) },
        { $set: { touchedAt: new Date() }, $inc: { touches: 1 } },
        { returnDocument: 'after' },
      ),
  ],
  [
    'aggregate: match, unwind, group, sort',
    (one) =>
      one.orders
        .aggregate([
          { $match: { customerId: `customer_${pick(customers)}` } },
          { $unwind: '$lines' },
          { $group: { _id: '$lines.sku', sold: { $sum: '$lines.quantity' }, last: { $max: '$placedAt' } } },
          { $sort: { sold: -1, _id: 1 } },
          { $limit: 10 },
        ])
        .toArray(),
  ],
];

/** The embedded server in a process of its own, which ends with the channel to it. */
async function startedIn(dataDir) {
  const child = fork(new URL('support/database-server.mjs', import.meta.url), [dataDir]);
  const [uri] = await once(child, 'message');
  const close = async () => {
    child.disconnect();
    await once(child, 'exit');
  };
  return { uri, close };
}

const dataDir = await mkdtemp(join(tmpdir(), 'bench-mongo-'));

const figure = ({ perSecond, p50, p99 }) =>
  `${String(Math.round(perSecond)).padStart(6)}/s (p50 ${p50.toFixed(2)}, p99 ${p99.toFixed(2)} ms)`;

const embedded = await startedIn(dataDir);
const given = process.env.MONGODB_URI;
const contestants = { embedded: new Contestant(embedded.uri), ...(given ? { given: new Contestant(given) } : {}) };
for (const one of Object.values(contestants)) await one.seed();

console.log(`${'the disk: 4 kB and a flush'.padEnd(46)}${figure(await diskFloor(dataDir, seconds))}`);
const ratios = [];
for (const [name, operation] of operations.filter(([each]) => each.includes(wanted))) {
  for (const one of Object.values(contestants)) {
    await one.connect(WARM_UP_CONNECTIONS);
    await drive(WARM_UP_CONNECTIONS, WARM_UP_SECONDS, (lane) => operation(one, lane, WARM_UP_CONNECTIONS));
    await one.client.close();
  }
  for (const connections of connectionCounts) {
    const results = Object.fromEntries(Object.keys(contestants).map((key) => [key, []]));
    for (let round = 0; round <= rounds; round += 1) {
      const inTurn = Object.entries(contestants);
      for (const [key, one] of round % 2 === 0 ? inTurn : inTurn.toReversed()) {
        await one.connect(connections);
        const result = await drive(connections, seconds, (lane) => operation(one, lane, connections));
        if (round > 0) results[key].push(result);
        await one.client.close();
      }
    }
    const middle = Object.entries(results).map(([key, all]) => [key, middleOf(all)]);
    const ratio = middle.length > 1 ? middle[0][1].perSecond / middle[1][1].perSecond : undefined;
    if (ratio !== undefined) ratios.push(ratio);
    const line = middle.map(([key, result]) => `${key} ${figure(result)}`).join('   ');
    const title = `${name}, ${connections} conn.`;
    console.log(`${title.padEnd(46)}${line}${ratio === undefined ? '' : `  ratio ${ratio.toFixed(2)}`}`);
  }
}
/** In turns until so much time has passed, but five times each: ms of the command alone. */
async function timesOf(command, prepare, count) {
  const times = Object.fromEntries(Object.keys(contestants).map((key) => [key, []]));
  const endMs = performance.now() + seconds * rounds * 1_000;
  for (let turn = 0; turn < 6 || performance.now() < endMs; turn += 1) {
    for (const [key, { client, database }] of Object.entries(contestants)) {
      const prepared = await prepare?.(client.db(database), count);
      const sinceMs = performance.now();
      await command(client.db(database), count, prepared);
      if (turn > 0) times[key].push(performance.now() - sinceMs);
    }
  }
  return Object.entries(times).map(([key, all]) => [key, median(all)]);
}

const wantedMany = manyAtOnce.filter(([name]) => name.includes(wanted));
for (const one of wantedMany.length > 0 ? Object.values(contestants) : []) {
  await one.connect(1);
  await seedMany(one.client.db(one.database));
}
for (const [name, counts, command, prepare] of wantedMany) {
  for (const count of counts) {
    const times = await timesOf(command, prepare, count);
    const ratio = times.length > 1 ? times[1][1] / times[0][1] : undefined;
    if (ratio !== undefined) ratios.push(ratio);
    const line = times.map(([key, took]) => `${key} ${took.toFixed(2)} ms`).join('   ');
    console.log(`${`${name}: ${count}`.padEnd(46)}${line}${ratio === undefined ? '' : `  ratio ${ratio.toFixed(2)}`}`);
  }
}
for (const one of wantedMany.length > 0 ? Object.values(contestants) : []) await one.client.close();
if (ratios.length > 0) {
  const below = ratios.filter((ratio) => ratio < 1).length;
  console.log(`lowest ratio ${Math.min(...ratios).toFixed(2)}; ${below} of ${ratios.length} below 1`);
}

for (const one of Object.values(contestants)) await one.drop();
await embedded.close();
await rm(dataDir, { recursive: true, force: true });
