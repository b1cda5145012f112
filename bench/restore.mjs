// npm run bench:restore [-- EVENTS]: how fast a service whose database was deleted has everything again, from Kafka alone,
// on the embedded servers in this process: first what it owns (before it takes a call), then counts and home feeds of that;
// and then each of these once more on request, with everything there.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Followed,
  PostPublished,
  ProfileCreated,
  ReactionSet,
  socialFeedEvents,
  typeIds,
} from '../dist/libs/contracts/src/index.js';
import { startEmbeddedKafka } from '../dist/libs/embedded-kafka/src/index.js';
import { startEmbeddedMongo } from '../dist/libs/embedded-mongo/src/index.js';
import { encodeEvent, KafkaMessageBus, ProjectionMarkers, topicSpecsOf } from '../dist/libs/messaging/src/index.js';
import { connectDatabase, databaseName } from '../dist/libs/persistence/src/index.js';
import { OperationRegistry, startService } from '../dist/libs/service-kit/src/index.js';
import { definition } from '../dist/apps/social-feed/src/social-feed.service.js';

const events = Number(process.argv[2] ?? 50_000);
const NAMESPACE = 'bench-';
/** With what they make. */
const MADE = {
  'social-feed.graph': ['follow-counts'],
  'social-feed.engagement': ['post-counts'],
  'social-feed.timelines': ['home', 'home-floors', 'pulled-authors'],
};
const REMADE = Object.keys(MADE);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const perSecond = (count, ms) => Math.round((count * 1000) / Math.max(1, ms));

/** Of 100 events: 2 people, 38 ties, 10 posts, 50 reactions; each to others that are there. */
function* told() {
  const people = Array.from({ length: Math.max(50, Math.ceil(events / 50)) }, () => typeIds.next('profile'));
  const posts = [];
  const at = (list, n) => list[(n * 7919) % list.length];
  const seen = new Set();
  for (const profileId of people)
    yield [ProfileCreated, profileId, profileId, { ...ProfileCreated.example, profileId, handle: profileId.slice(-8) }];
  for (let n = 0; n < events - people.length; n += 1) {
    const kind = n % 98;
    const profileId = at(people, n);
    if (kind < 10) {
      const postId = typeIds.next('post');
      posts.push(postId);
      yield [PostPublished, postId, profileId, { ...PostPublished.example, postId, authorId: profileId }];
    } else if (kind < 48) {
      const followeeId = people[(n * 104_729 + Math.floor(n / people.length)) % people.length];
      const id = `${profileId}|${followeeId}`;
      if (followeeId === profileId || seen.has(id)) continue;
      seen.add(id);
      yield [Followed, id, profileId, { followerId: profileId, followeeId }];
    } else {
      const postId = posts[(n * 15_485_863) % posts.length];
      const id = `${postId}|${profileId}`;
      if (seen.has(id)) continue;
      seen.add(id);
      yield [ReactionSet, id, postId, { postId, profileId, kind: 'LIKE' }];
    }
  }
}

async function publish(bus) {
  let batch = [];
  let count = 0;
  for (const [contract, subject, key, data] of told()) {
    const time = new Date().toISOString();
    const envelope = { id: typeIds.next('event'), type: contract.type, source: '/social-feed', subject, version: 1 };
    batch.push(encodeEvent(contract, { ...envelope, key, time, data }));
    count += 1;
    if (batch.length < 500) continue;
    await bus.publish(batch);
    batch = [];
  }
  if (batch.length > 0) await bus.publish(batch);
  return count;
}

/** The groups have handled all of it, as where a database is deleted that had it. */
async function commitAll(bus, group, topic) {
  const listener = { onAssigned: () => undefined, onRevoked: () => undefined, onMessages: () => undefined };
  const member = bus.subscribe({ group, topics: [topic], listener });
  await member.joined;
  const ends = await bus.endPositions([topic]);
  do await member.commit(ends);
  while ((await bus.lag(group, [topic])).some(({ lag }) => lag > 0n) && (await pause(50).then(() => true)));
  await member.close();
}

const folder = await mkdtemp(join(tmpdir(), 'grapevine-bench-'));
const kafka = await startEmbeddedKafka({ dataDir: join(folder, 'kafka'), port: 0 });
const mongo = await startEmbeddedMongo({ dataDir: join(folder, 'mongo'), port: 0 });
const bus = new KafkaMessageBus({ brokers: [kafka.brokers], namespace: NAMESPACE, clientId: 'bench' });
await bus.ensureTopics(topicSpecsOf(socialFeedEvents));
const count = await publish(bus);
await commitAll(bus, 'social-feed.graph', Followed.topic);
await commitAll(bus, 'social-feed.timelines', PostPublished.topic);
await commitAll(bus, 'social-feed.engagement', ReactionSet.topic);
console.log(`published   ${count} events: the service's database is empty, its state topics are not written yet`);

const variables = {
  KAFKA_BROKERS: kafka.brokers,
  MONGODB_URI: mongo.uri,
  GRAPEVINE_NAMESPACE: NAMESPACE,
  LOG_LEVEL: 'warn',
};
let sinceMs = performance.now();
const service = await startService(definition, { variables, registry: new OperationRegistry() });
const restoredMs = performance.now() - sinceMs;
console.log(`restored    ${perSecond(count, restoredMs)} events/s: what it owns, from the start to the first call`);

const connection = await connectDatabase({ uri: mongo.uri, name: databaseName(NAMESPACE, 'social-feed') });
const markers = new ProjectionMarkers(connection);
const ready = async (generation) => {
  for (;;) {
    const found = await markers.findAll(REMADE);
    if (found.length === REMADE.length && found.every((one) => one.state === 'READY' && one.generation >= generation))
      return found;
    await pause(20);
  }
};
await ready(1);
console.log(`complete    ${perSecond(count, performance.now() - sinceMs)} events/s: with counts and home feeds`);
/** Asks for one, and tells how fast it came: all that is counted in, also until the request is seen. */
async function remade(name, what) {
  sinceMs = performance.now();
  const { generation } = await markers.request(name);
  let marker;
  do {
    await pause(20);
    marker = await markers.find(name);
  } while (marker.state !== 'READY' || marker.generation !== generation);
  const ms = performance.now() - sinceMs;
  console.log(
    `${name.padEnd(24)} ${perSecond(marker.total, ms)} documents/s of ${marker.total}, ${what}, ${Math.round(ms)} ms`,
  );
}
for (const name of REMADE) await remade(name, 'all right before');
for (const [name, collections] of Object.entries(MADE)) {
  const had = await connection.collection(collections[0]).countDocuments();
  for (const one of collections) await connection.collection(one).deleteMany({});
  await remade(name, `${had} documents of ${collections[0]} gone before`);
}
await connection.close();
await service.close();
await bus.close();
await Promise.all([kafka.close(), mongo.close()]);
await rm(folder, { recursive: true, force: true });
