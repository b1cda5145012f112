// npm run bench:broker [-- SECONDS]: throughput and latency of the embedded broker beside the one that KAFKA_BROKERS
// names, by the same client, in turns within one run; the ratio says more than the figures, which are the machine's.
// The embedded broker acknowledges what is on disk, Kafka by default what is in the page cache. So Kafka stands there
// twice: as it comes, and with topics that it has to flush at every write (flush.messages=1).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { startEmbeddedKafka } from '../dist/libs/embedded-kafka/src/index.js';
import { diskFloor, drive, middleOf } from './support/figures.mjs';

const seconds = Number(process.argv[2] ?? 2);
const rounds = 3;
const partitions = 6;
// The size of an event of this product with its headers.
const value = Buffer.alloc(464, 'x');

class Contestant {
  constructor(brokers, configEntries = []) {
    this.configEntries = configEntries;
    this.kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
    this.admin = this.kafka.admin();
    this.topics = [];
    this.producers = [];
  }

  async open() {
    await this.admin.connect();
    for (let count = 0; count < 8; count += 1) {
      const producer = this.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await producer.connect();
      this.producers.push(producer);
    }
  }

  async newTopic() {
    const topic = `bench-${Date.now()}-${this.topics.length}`;
    const { configEntries } = this;
    await this.admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions: partitions, configEntries }],
    });
    this.topics.push(topic);
    return topic;
  }

  async close() {
    await this.admin.deleteTopics({ topics: this.topics });
    await Promise.all([...this.producers, this.admin].map((client) => client.disconnect()));
  }

  /** Awaited sends of `size` messages each, from `lanes` producers. */
  async produce(lanes, size, topic) {
    let sent = 0;
    const result = await drive(lanes, seconds, async () => {
      sent += 1;
      const messages = Array.from({ length: size }, (_, index) => ({ key: `${sent}-${index}`, value }));
      await this.producers[sent % lanes].send({ topic, messages });
    });
    return { ...result, perSecond: result.perSecond * size, messages: sent * size };
  }

  async consume(topic, count) {
    const consumer = this.kafka.consumer({ groupId: `${topic}-group`, maxBytesPerPartition: 4 << 20 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    let seen = 0;
    let startMs = 0;
    await new Promise((resolve) => {
      const eachBatch = async ({ batch }) => {
        startMs ||= performance.now();
        seen += batch.messages.length;
        if (seen >= count) resolve();
      };
      void consumer.run({ eachBatch });
    });
    const perSecond = (seen * 1000) / (performance.now() - startMs);
    await consumer.disconnect();
    return { perSecond };
  }

  /** From the call of `send` to the consumer's handler, one message at a time. */
  async endToEnd() {
    const topic = await this.newTopic();
    const consumer = this.kafka.consumer({ groupId: `${topic}-group`, heartbeatInterval: 1000 });
    let arrived = () => undefined;
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ eachMessage: async () => arrived() });
    const result = await drive(1, seconds, async () => {
      const arrival = new Promise((resolve) => (arrived = resolve));
      await this.producers[0].send({ topic, messages: [{ value }] });
      await arrival;
    });
    await consumer.disconnect();
    return result;
  }
}

const trials = [
  ['single sends, 1 producer', (one) => one.newTopic().then((topic) => one.produce(1, 1, topic))],
  ['single sends, 8 producers', (one) => one.newTopic().then((topic) => one.produce(8, 1, topic))],
  ['batches of 200, 1 producer', (one) => one.newTopic().then((topic) => one.produce(1, 200, topic))],
  ['batches of 200, 8 producers', (one) => one.newTopic().then((topic) => one.produce(8, 200, topic))],
  [
    'consume what was produced',
    async (one) => {
      const topic = await one.newTopic();
      const { messages } = await one.produce(8, 200, topic);
      return one.consume(topic, messages);
    },
  ],
  ['produce to consume, one at a time', (one) => one.endToEnd()],
];

const dataDir = await mkdtemp(join(tmpdir(), 'bench-kafka-'));
const embedded = await startEmbeddedKafka({ dataDir });
const given = process.env.KAFKA_BROKERS?.split(',');
const contestants = {
  embedded: new Contestant([embedded.brokers]),
  ...(given && {
    kafka: new Contestant(given),
    'kafka with flushes': new Contestant(given, [{ name: 'flush.messages', value: '1' }]),
  }),
};
for (const one of Object.values(contestants)) await one.open();

const figure = ({ perSecond, p50, p99 }) =>
  `${Math.round(perSecond)}/s${p50 === undefined ? '' : ` (p50 ${p50.toFixed(2)}, p99 ${p99.toFixed(2)} ms)`}`;
console.log(`the disk, 4 kB and a flush: ${figure(await diskFloor(dataDir, seconds))}`);
for (const [name, trial] of trials) {
  const results = Object.fromEntries(Object.keys(contestants).map((key) => [key, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [key, one] of Object.entries(contestants)) results[key].push(await trial(one));
  }
  const middle = Object.entries(results).map(([key, all]) => [key, middleOf(all)]);
  console.log(name);
  const [[, own]] = middle;
  for (const [key, result] of middle) {
    const share = key === 'embedded' ? '' : `   embedded has ${(own.perSecond / result.perSecond).toFixed(2)} of it`;
    console.log(`  ${key.padEnd(20)}${figure(result)}${share}`);
  }
}

for (const one of Object.values(contestants)) await one.close();
await embedded.close();
await rm(dataDir, { recursive: true, force: true });
