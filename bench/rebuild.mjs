// npm run bench:rebuild [-- EVENTS [PRODUCTS]]: how fast a projection is made anew on the embedded servers in this process,
// beside the floor of the same run: kafkajs reads the same topic and the driver writes the same documents, nothing else.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';
import { Registry } from 'prom-client';
import {
  catalogEvents,
  ProductChanged,
  ProductCreated,
  StockSet,
  stateTopicOf,
  typeIds,
} from '../dist/libs/contracts/src/index.js';
import { startEmbeddedKafka } from '../dist/libs/embedded-kafka/src/index.js';
import { startEmbeddedMongo } from '../dist/libs/embedded-mongo/src/index.js';
import {
  ConsumerRunner,
  encodeEvent,
  EventProcessor,
  KafkaMessageBus,
  messagingMetrics,
  onBatch,
  ParkingLot,
  ProjectionMarkers,
  ProjectionMember,
  silentLogger,
  StateCopier,
  stateGroupOf,
  topicSpecsOf,
} from '../dist/libs/messaging/src/index.js';
import { connectDatabase, LeaseStore } from '../dist/libs/persistence/src/index.js';
import { ProductCopies } from '../dist/apps/order/src/catalog/product-copy.projection.js';
import { StockCopies } from '../dist/apps/order/src/catalog/stock-copy.projection.js';
import { median } from './support/figures.mjs';

const events = Number(process.argv[2] ?? 50_000);
const products = Number(process.argv[3] ?? Math.ceil(events / 5));
const GROUP = 'order.catalog';
const CONTRACTS = [ProductCreated, ProductChanged, StockSet];
const topics = [ProductCreated.topic, StockSet.topic];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const perSecond = (count, sinceMs) => Math.round((count * 1000) / (performance.now() - sinceMs));

async function until(isDone) {
  while (!(await isDone())) await pause(20);
}

/** Products with two variants each, changed again and again, and counts of their stock. */
async function publish(bus) {
  const ids = Array.from({ length: products }, () => ({
    product: typeIds.next('product'),
    variants: [typeIds.next('variant'), typeIds.next('variant')],
    version: 0,
    counts: 0,
  }));
  const messageOf = (contract, subject, version, data) =>
    encodeEvent(contract, {
      id: typeIds.next('event'),
      type: contract.type,
      source: '/catalog',
      subject,
      version,
      key: subject,
      time: new Date().toISOString(),
      data,
    });
  let made = 0;
  const next = () => {
    const one = ids[made % ids.length];
    made += 1;
    if ((made + Math.floor(made / ids.length)) % 5 === 0) {
      one.counts += 1;
      const [variantId] = one.variants;
      const level = {
        ...StockSet.example,
        productId: one.product,
        variantId,
        onHand: made % 90,
        reserved: 0,
        available: made % 90,
      };
      return messageOf(StockSet, variantId, one.counts, level);
    }
    one.version += 1;
    const variants = one.variants.map((variantId) => ({
      ...ProductCreated.example.variants[0],
      variantId,
      price: { amountMinor: made, currency: 'EUR' },
    }));
    const data = { ...ProductCreated.example, productId: one.product, title: `Desk lamp ${made}`, variants };
    return messageOf(one.version === 1 ? ProductCreated : ProductChanged, one.product, one.version, data);
  };
  for (let from = 0; from < events; from += 500)
    await bus.publish(Array.from({ length: Math.min(500, events - from) }, next));
}

/** Reads the state topics with kafkajs, and writes the copies by version with the driver: in batches, as they come. */
async function floor(brokers, uri) {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  let left = 0;
  for (const topic of topics)
    for (const { high, low } of await admin.fetchTopicOffsets(stateTopicOf(topic))) left += Number(high) - Number(low);
  await admin.disconnect();
  const client = await new MongoClient(uri).connect();
  const collections = { p: client.db('floor').collection('products'), s: client.db('floor').collection('stocks') };
  const total = left;
  const consumer = kafka.consumer({ groupId: 'floor' });
  await consumer.connect();
  await consumer.subscribe({ topics: topics.map(stateTopicOf), fromBeginning: true });
  let startedMs;
  await new Promise((resolve, reject) => {
    consumer
      .run({
        autoCommit: false,
        partitionsConsumedConcurrently: 6,
        eachBatch: async ({ batch }) => {
          startedMs ??= performance.now();
          const isStock = batch.topic.includes('stock');
          const writes = batch.messages.map(({ value, headers }) => {
            const data = JSON.parse(value.toString());
            const version = Number(headers.ce_aggregateversion.toString());
            const set = isStock
              ? { available: data.available }
              : {
                  merchantId: data.merchantId,
                  status: data.status,
                  variants: data.variants.map(({ variantId, price }) => ({ variantId, title: data.title, price })),
                };
            const filter = { _id: isStock ? data.variantId : data.productId };
            return { updateOne: { filter, update: { $set: { ...set, src: { version } } }, upsert: true } };
          });
          for (let from = 0; from < writes.length; from += 500)
            await collections[isStock ? 's' : 'p'].bulkWrite(writes.slice(from, from + 500), { ordered: false });
          left -= batch.messages.length;
          if (left === 0) resolve();
        },
      })
      .catch(reject);
  });
  const rate = perSecond(total, startedMs);
  await consumer.disconnect();
  await client.close();
  return rate;
}

const folder = await mkdtemp(join(tmpdir(), 'grapevine-bench-'));
const kafka = await startEmbeddedKafka({ dataDir: join(folder, 'kafka'), port: 0 });
const mongo = await startEmbeddedMongo({ dataDir: join(folder, 'mongo'), port: 0 });
const connection = await connectDatabase({ uri: mongo.uri, name: 'order' });
const bus = new KafkaMessageBus({ brokers: [kafka.brokers], namespace: '', clientId: 'bench' });
const [metrics, logger] = [messagingMetrics(new Registry()), silentLogger];
const stores = {
  products: new ProductCopies(connection),
  stocks: new StockCopies(connection),
  markers: new ProjectionMarkers(connection),
  leases: new LeaseStore(connection),
  parkingLot: new ParkingLot(connection),
};
for (const store of Object.values(stores)) await store.onModuleInit();
await bus.ensureTopics(topicSpecsOf(CONTRACTS));

let sinceMs = performance.now();
await publish(bus);
console.log(`published   ${perSecond(events, sinceMs)} events/s`);

sinceMs = performance.now();
const copierOf = new StateCopier({ service: 'catalog', bus, contracts: catalogEvents, metrics, logger });
const copier = new ConsumerRunner({ bus, topics, processor: copierOf, patient: true, metrics, logger });
copier.start();
const copied = async () => (await bus.lag(stateGroupOf('catalog'), topics)).every(({ lag }) => lag === 0n);
await until(copied);
console.log(`copied      ${perSecond(events, sinceMs)} events/s to the state topics`);

const takeProducts = (batch) => stores.products.take(batch);
const routes = [
  onBatch(ProductCreated, takeProducts),
  onBatch(ProductChanged, takeProducts),
  onBatch(StockSet, (batch) => stores.stocks.take(batch)),
];
const processor = new EventProcessor({ group: GROUP, routes, parkingLot: stores.parkingLot, metrics, logger });
const follow = () => new ConsumerRunner({ bus, topics, processor, metrics, logger });
const projection = { name: GROUP, collections: [stores.products, stores.stocks], contracts: CONTRACTS, processor };
const member = new ProjectionMember({
  projection,
  bus,
  markers: stores.markers,
  leases: stores.leases,
  instance: 'bench',
  follow,
  logger,
});

const rebuilt = [];
const floors = [];
for (let round = 1; round <= 3; round += 1) {
  if (round > 1) await stores.markers.request(GROUP);
  sinceMs = performance.now();
  if (round === 1) member.start();
  let marker = null;
  await until(async () => {
    marker = await stores.markers.find(GROUP);
    return marker?.state === 'READY' && marker.generation === round;
  });
  rebuilt.push(perSecond(marker.total, sinceMs));
  // The group reads the last two minutes again: that is not part of the floor.
  await until(async () => (await bus.lag(GROUP, topics)).every(({ lag }) => lag === 0n));
  const client = await new MongoClient(mongo.uri).connect();
  await client.db('floor').dropDatabase();
  await client.close();
  floors.push(await floor(kafka.brokers, mongo.uri));
  console.log(
    `round ${round}     rebuilt ${rebuilt.at(-1)} events/s of ${marker.total}, all included; floor ${floors.at(-1)} events/s`,
  );
}
const documents = (await stores.products.model.countDocuments()) + (await stores.stocks.model.countDocuments());
console.log(
  `median      ${median(rebuilt)} events/s into ${documents} documents, ${(median(rebuilt) / median(floors)).toFixed(2)} of the floor`,
);

await member.stop();
await copier.stop();
await bus.close();
await connection.close();
await Promise.all([kafka.close(), mongo.close()]);
await rm(folder, { recursive: true, force: true });
