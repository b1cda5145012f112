// npm run bench:broker-size [-- MESSAGES]: what a million stored messages cost the embedded broker, alone in a process:
// the time until it is ready, and its resident memory before and after all of them have been read once.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Kafka, logLevel, Partitioners } from 'kafkajs';

const count = Number(process.argv[2] ?? 1_000_000);
const partitions = 12;
// With key and record header about 500 bytes each.
const value = Buffer.alloc(464, 'x');
const startModule = new URL('../dist/libs/embedded-kafka/src/index.js', import.meta.url).href;
const processModule = fileURLToPath(new URL('../libs/embedded-kafka/test/broker.process.mjs', import.meta.url));
const dataDir = await mkdtemp(join(tmpdir(), 'bench-kafka-'));

/** A broker in a process of its own; the time until it has said where it listens. */
async function start() {
  const startMs = performance.now();
  const child = spawn(process.execPath, [processModule, startModule, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [brokers] = await once(createInterface({ input: child.stdout }), 'line');
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
  return { child, kafka, readyMs: performance.now() - startMs };
}

async function stop({ child }) {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Resident memory by kind, in megabytes: the file's share is the kernel's page cache, which it takes back at need. */
async function memoryOf({ child }) {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  const megabytes = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  const [all, own, file] = ['VmRSS', 'RssAnon', 'RssFile'].map(megabytes);
  return `resident ${all} MB (own ${own}, mapped file ${file})`;
}

async function fill({ kafka }) {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'many', numPartitions: partitions }] });
  await admin.disconnect();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  for (let sent = 0; sent < count; sent += 1000) {
    const size = Math.min(1000, count - sent);
    const messages = Array.from({ length: size }, (_, index) => ({ key: `key-${sent + index}`, value }));
    await producer.send({ topic: 'many', messages });
  }
  await producer.disconnect();
}

async function readAll({ kafka }) {
  const consumer = kafka.consumer({
    groupId: `reader-${Date.now()}`,
    maxBytesPerPartition: 4 << 20,
    maxWaitTimeInMs: 200,
  });
  await consumer.connect();
  await consumer.subscribe({ topic: 'many', fromBeginning: true });
  let seen = 0;
  await new Promise((resolve) => {
    const eachBatch = async ({ batch }) => {
      seen += batch.messages.length;
      if (seen >= count) resolve();
    };
    void consumer.run({ eachBatch });
  });
  await consumer.disconnect();
}

const first = await start();
await fill(first);
const names = await readdir(dataDir, { recursive: true });
const stats = await Promise.all(names.map((name) => stat(join(dataDir, name))));
const size = stats.reduce((sum, one) => sum + (one.isFile() ? one.size : 0), 0);
console.log(`${count} messages, ${Math.round(size / 1e6)} MB on disk; after writing ${await memoryOf(first)}`);
await stop(first);
const again = await start();
console.log(`ready in ${Math.round(again.readyMs)} ms, the start of Node included; ${await memoryOf(again)}`);
await readAll(again);
console.log(`after all were read once ${await memoryOf(again)}`);
await stop(again);
await rm(dataDir, { recursive: true, force: true });
