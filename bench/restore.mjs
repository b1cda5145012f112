// npm run bench:restore [-- SIZE [PROJECTION...]]: how fast services whose databases were deleted have everything again,
// from Kafka alone, on the embedded servers in this process; and then each of their projections once more on request, after
// its collections were emptied. SIZE is how many events most kinds have.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import {
  allEvents,
  catalogEvents,
  Followed,
  OrderConfirmed,
  orderEvents,
  PostPublished,
  ReactionSet,
  ReviewPublished,
  typeIds,
} from '../dist/libs/contracts/src/index.js';
import { startEmbeddedKafka } from '../dist/libs/embedded-kafka/src/index.js';
import { startEmbeddedMongo } from '../dist/libs/embedded-mongo/src/index.js';
import {
  ConsumerRunner,
  encodeEvent,
  KafkaMessageBus,
  messagingMetrics,
  ProjectionDesk,
  ProjectionMarkers,
  silentLogger,
  StateCopier,
  stateGroupOf,
  topicSpecsOf,
} from '../dist/libs/messaging/src/index.js';
import { connectDatabase, databaseName } from '../dist/libs/persistence/src/index.js';
import { OperationRegistry, startService } from '../dist/libs/service-kit/src/index.js';
import { definition as reputation } from '../dist/apps/reputation/src/reputation.service.js';
import { definition as socialFeed } from '../dist/apps/social-feed/src/social-feed.service.js';
import { goal } from './support/figures.mjs';
import { told } from './support/told.mjs';

const size = Number(process.argv[2] ?? 10_000);
const wanted = process.argv.slice(3);
const NAMESPACE = 'bench-';
const GOAL = 5_000;
/** Of each projection: what it writes, in the order in which they can be made. */
const MADE = {
  'social-feed': {
    'social-feed.profiles': ['profiles'],
    'social-feed.follows': ['follows'],
    'social-feed.posts': ['posts'],
    'social-feed.reactions': ['reactions'],
    'social-feed.comments': ['comments'],
    'social-feed.share-links': ['share-links'],
    'social-feed.link-orders': ['link-orders'],
    'social-feed.products': ['product-copies'],
    'social-feed.graph': ['follow-counts'],
    'social-feed.engagement': ['post-counts'],
    'social-feed.timelines': ['home', 'home-floors', 'pulled-authors'],
  },
  reputation: {
    'reputation.reviews': ['reviews'],
    'reputation.ratings': ['ratings'],
    'reputation.purchases': ['delivered-lines'],
    'reputation.merchants': ['merchant-owners'],
    'reputation.records': ['order-outcomes', 'merchant-records'],
  },
};
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const perSecond = (count, ms) => Math.round((count * 1000) / Math.max(1, ms));

/** Returns how many events of each contract there are. */
async function publish(bus) {
  const counts = new Map();
  let batch = [];
  for (const [contract, subject, version, key, data] of told(size)) {
    const time = new Date().toISOString();
    const envelope = { id: typeIds.next('event'), type: contract.type, source: `/${contract.owner}`, subject, version };
    batch.push(encodeEvent(contract, { ...envelope, key, time, data }));
    counts.set(contract.owner, (counts.get(contract.owner) ?? 0) + 1);
    if (batch.length < 500) continue;
    await bus.publish(batch);
    batch = [];
  }
  if (batch.length > 0) await bus.publish(batch);
  return counts;
}

/** The group has handled all of it, as where a database is deleted that had it. */
async function commitAll(bus, group, { topic }) {
  const listener = { onAssigned: () => undefined, onRevoked: () => undefined, onMessages: () => undefined };
  const member = bus.subscribe({ group, topics: [topic], listener });
  await member.joined;
  const ends = await bus.endPositions([topic]);
  do await member.commit(ends);
  while ((await bus.lag(group, [topic])).some(({ lag }) => lag > 0n) && (await pause(50).then(() => true)));
  await member.close();
}

/** What keeps up the state topics of a service that does not run here. */
async function copied(bus, service, contracts) {
  const topics = [...new Set(contracts.map(({ topic }) => topic))];
  const [metrics, logger] = [messagingMetrics(new Registry()), silentLogger];
  const processor = new StateCopier({ service, bus, contracts, metrics, logger });
  const copier = new ConsumerRunner({ bus, topics, processor, patient: true, metrics, logger });
  copier.start();
  while ((await bus.lag(stateGroupOf(service), topics)).some(({ lag }) => lag > 0n)) await pause(50);
  return copier;
}

const folder = await mkdtemp(join(tmpdir(), 'grapevine-bench-'));
const kafka = await startEmbeddedKafka({ dataDir: join(folder, 'kafka'), port: 0 });
const mongo = await startEmbeddedMongo({ dataDir: join(folder, 'mongo'), port: 0 });
const bus = new KafkaMessageBus({ brokers: [kafka.brokers], namespace: NAMESPACE, clientId: 'bench' });
await bus.ensureTopics(topicSpecsOf(allEvents));
const counts = await publish(bus);
console.log(`published   ${[...counts.values()].reduce((sum, count) => sum + count, 0)} events`);
await commitAll(bus, 'social-feed.graph', Followed);
await commitAll(bus, 'social-feed.timelines', PostPublished);
await commitAll(bus, 'social-feed.engagement', ReactionSet);
await commitAll(bus, 'social-feed.share-links', OrderConfirmed);
await commitAll(bus, 'reputation.ratings', ReviewPublished);
const copiers = [await copied(bus, 'catalog', catalogEvents), await copied(bus, 'order', orderEvents)];

const variables = {
  KAFKA_BROKERS: kafka.brokers,
  MONGODB_URI: mongo.uri,
  GRAPEVINE_NAMESPACE: NAMESPACE,
  LOG_LEVEL: 'warn',
};

/** Until the groups have handled again what they read once more after a rebuild: the events of the last two minutes, here all. */
async function caughtUp(bus, groups) {
  const topics = topicSpecsOf(allEvents).map(({ topic }) => topic);
  const isBehind = async (group) => {
    const committed = await bus.committed(group, topics);
    const ends = await bus.endPositions([...new Set(committed.map(({ topic }) => topic))]);
    const at = new Map(committed.map(({ topic, partition, offset }) => [`${topic}|${partition}`, offset]));
    return ends.some(({ topic, partition, offset }) => (at.get(`${topic}|${partition}`) ?? offset) < offset);
  };
  for (const group of groups) while (await isBehind(group)) await pause(50);
}

/** A service whose database is empty, and whose own state topics are not written yet. */
async function measure(definition) {
  const names = Object.keys(MADE[definition.name]);
  const asked = names.filter((name) => wanted.length === 0 || wanted.includes(name));
  if (asked.length === 0) return;
  const connection = await connectDatabase({ uri: mongo.uri, name: databaseName(NAMESPACE, definition.name) });
  const markers = new ProjectionMarkers(connection);
  const sinceMs = performance.now();
  const service = await startService(definition, { variables, registry: new OperationRegistry() });
  const own = counts.get(definition.name);
  console.log(
    `\n${definition.name}: ${own} events of its own\nrestored    ${perSecond(own, performance.now() - sinceMs)} events/s: what it owns, from the start to the first call`,
  );
  while ((await markers.findAll(names)).filter(({ state }) => state === 'READY').length < names.length) await pause(20);
  console.log(`complete    after ${Math.round(performance.now() - sinceMs)} ms: with all that is made of that`);
  const groups = [...names, stateGroupOf(definition.name)];
  await caughtUp(bus, groups);
  for (const name of asked) {
    await remade(connection, markers, service.get(ProjectionDesk), name);
    await caughtUp(bus, groups);
  }
  await connection.close();
  await service.close();
}

/** Asks for one, as a call to the service does, and tells how fast it came: all is counted in, from the request on. */
async function remade(connection, markers, desk, name) {
  const collections = MADE[name.slice(0, name.indexOf('.'))][name];
  for (const one of collections) await connection.collection(one).deleteMany({});
  const sinceMs = performance.now();
  const { generation } = await desk.rebuild(name);
  let marker;
  do {
    await pause(20);
    marker = await markers.find(name);
  } while (marker.state !== 'READY' || marker.generation !== generation);
  const ms = performance.now() - sinceMs;
  let documents = 0;
  for (const one of collections) documents += await connection.collection(one).countDocuments();
  const [rate, written] = [perSecond(marker.total, ms), perSecond(documents, ms)];
  console.log(
    `${name.padEnd(24)} ${rate}/s of ${marker.total} in ${Math.round(ms)} ms; ${written} documents/s of ${documents}${goal(`>= ${GOAL}`, rate >= GOAL)}`,
  );
}

await measure(socialFeed);
await measure(reputation);
for (const copier of copiers) await copier.stop();
await bus.close();
await Promise.all([kafka.close(), mongo.close()]);
await rm(folder, { recursive: true, force: true });
