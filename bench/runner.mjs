// npm run bench:runner [-- EVENTS]: the consumer runner with handlers that do nothing beside kafkajs's own `eachBatch` that
// does nothing, on one topic of real events of the embedded broker (or that of KAFKA_BROKERS), in turns within one run. The
// runner does all that it does in production: it decodes every event and checks it against its contract.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { Registry } from 'prom-client';
import { StockReserved } from '../dist/libs/contracts/src/index.js';
import { startEmbeddedKafka } from '../dist/libs/embedded-kafka/src/index.js';
import {
  ConsumerRunner,
  encodeEvent,
  EventProcessor,
  KafkaMessageBus,
  messagingMetrics,
  on,
  onBatch,
  silentLogger,
} from '../dist/libs/messaging/src/index.js';
import { goal, median, row } from './support/figures.mjs';

const EVENTS = Number(process.argv[2] ?? 60_000);
const ROUNDS = 5;
const KEYS = 500;
const SENT_AT_ONCE = 500;
const GOAL = 0.6;

/** As the lot is nearly always. */
const nothingParked = {
  linesOf: () => Promise.resolve(new Set()),
  isParked: () => Promise.resolve(false),
  park: () => Promise.reject(new Error('nothing is to be parked here')),
};

async function fill(bus) {
  await bus.ensureTopics([{ topic: StockReserved.topic }]);
  for (let sent = 0; sent < EVENTS; sent += SENT_AT_ONCE) {
    const messages = Array.from({ length: SENT_AT_ONCE }, (_, index) => reserved(sent + index));
    await bus.publish(messages);
  }
}

const reserved = (number) =>
  encodeEvent(StockReserved, {
    id: `event_${number}`,
    type: StockReserved.type,
    source: '/catalog',
    subject: `variant-${number % KEYS}`,
    version: Math.floor(number / KEYS) + 1,
    key: `variant-${number % KEYS}`,
    time: new Date().toISOString(),
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    data: StockReserved.example,
  });

let groups = 0;
const newGroup = () => `bench-${Date.now()}-${(groups += 1)}`;

/** As the runner's, so that both have as much in their hands at a time. */
const FETCH = { minBytes: 1, maxWaitTimeInMs: 250, maxBytesPerPartition: 512 * 1024 };

/** Events per second, from when it has joined: the first fetch, with up to a sixth of all, counts as those after it. */
async function raw({ kafka, namespace }) {
  const consumer = kafka.consumer({ ...FETCH, groupId: namespace + newGroup() });
  await consumer.connect();
  await consumer.subscribe({ topic: namespace + StockReserved.topic, fromBeginning: true });
  const clock = new Clock();
  consumer.on(consumer.events.GROUP_JOIN, () => clock.start());
  await consumer.run({
    eachBatch: ({ batch }) => {
      clock.count(batch.messages.length);
      return Promise.resolve();
    },
  });
  const perSecond = await clock.result;
  await consumer.disconnect();
  return perSecond;
}

async function ours({ bus }, routeOf) {
  const clock = new Clock();
  const metrics = messagingMetrics(new Registry());
  const route = routeOf((events) => {
    clock.count(events);
    return Promise.resolve();
  });
  const options = { metrics, logger: silentLogger };
  const processor = new EventProcessor({ ...options, group: newGroup(), routes: [route], parkingLot: nothingParked });
  const timed = { subscribe: (given) => bus.subscribe(startingAtJoin(given, clock)) };
  const runner = new ConsumerRunner({ ...options, bus: timed, topics: [StockReserved.topic], processor });
  runner.start();
  const perSecond = await clock.result;
  await runner.stop();
  return perSecond;
}

const startingAtJoin = ({ listener, ...options }, clock) => ({
  ...options,
  listener: {
    onAssigned: (assignment) => {
      clock.start();
      listener.onAssigned(assignment);
    },
    onRevoked: () => listener.onRevoked(),
    onMessages: (...given) => listener.onMessages(...given),
  },
});

class Clock {
  constructor() {
    this.seen = 0;
    this.result = new Promise((resolve) => (this.end = resolve));
  }

  start() {
    this.startMs ??= performance.now();
  }

  count(events) {
    this.seen += events;
    if (this.seen >= EVENTS) this.end((this.seen * 1000) / (performance.now() - this.startMs));
  }
}

const dataDir = await mkdtemp(join(tmpdir(), 'bench-runner-'));
const given = process.env.KAFKA_BROKERS?.split(',');
const embedded = given ? undefined : await startEmbeddedKafka({ dataDir, port: 0 });
const brokers = given ?? [embedded.brokers];
const namespace = `${newGroup()}-`;
const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
const bus = new KafkaMessageBus({ brokers, namespace, clientId: 'bench' });
const at = { kafka, bus, namespace };

await fill(bus);
const trials = {
  'kafkajs eachBatch, which does nothing': () => raw(at),
  'runner, a handler for each event': () => ours(at, (count) => on(StockReserved, () => count(1))),
  'runner, a handler for batches': () => ours(at, (count) => onBatch(StockReserved, (events) => count(events.length))),
};
const results = new Map(Object.keys(trials).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1)
  for (const [name, trial] of Object.entries(trials)) results.get(name).push(await trial());

const { value } = reserved(0);
console.log(`${EVENTS} events of ${value.length} bytes and 11 headers, median of ${ROUNDS} rounds`);
const [bare, ...runners] = [...results].map(([name, all]) => ({ name, perSecond: median(all) }));
row(bare.name, `${Math.round(bare.perSecond)} events/s`);
for (const { name, perSecond } of runners) {
  const ratio = perSecond / bare.perSecond;
  row(name, `${Math.round(perSecond)} events/s, ratio ${ratio.toFixed(2)}${goal(`>= ${GOAL}`, ratio >= GOAL)}`);
}

await bus.dropNamespace();
await bus.close();
await embedded?.close();
await rm(dataDir, { recursive: true, force: true });
