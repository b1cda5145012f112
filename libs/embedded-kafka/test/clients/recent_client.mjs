/** Uses the broker through a recent client for Node.js: recent_client.mjs FOLDER BROKER PREFIX. Prints what it saw as JSON. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, broker, prefix] = process.argv.slice(2);
const entry = pathToFileURL(join(folder, 'node_modules/@platformatic/kafka/dist/index.js'));
const { Admin, Consumer, MessagesStreamModes, ProduceAcks, Producer, stringDeserializers, stringSerializers } =
  await import(entry.href);

const count = 100;
const at = { clientId: prefix, bootstrapBrokers: [broker], retries: 10, retryDelay: 200 };
const [topic, groupId] = [`${prefix}topic`, `${prefix}group`];

const admin = new Admin(at);
const [created] = await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1 });
const producer = new Producer({ ...at, idempotent: true, compression: 'gzip', serializers: stringSerializers });
const messages = Array.from({ length: count }, (_, number) => ({ topic, key: `k${number}`, value: `v${number}` }));
await producer.send({ messages, acks: ProduceAcks.ALL });
await producer.close();

const consumer = new Consumer({ ...at, groupId, deserializers: stringDeserializers });
const mode = MessagesStreamModes.EARLIEST;
const stream = await consumer.consume({ topics: [topic], mode, autocommit: false, maxWaitTime: 500 });
const values = new Set();
for await (const message of stream) {
  values.add(message.value);
  await message.commit();
  if (values.size === count) break;
}
const wanted = [{ topic, partitions: [0, 1] }];
const committed = [...(await consumer.listCommittedOffsets({ topics: wanted })).get(topic)];
const { state } = (await admin.describeGroups({ groups: [groupId] })).get(groupId);
await consumer.close(true);
await admin.deleteGroups({ groups: [groupId] });
await admin.deleteTopics({ topics: [topic] });
await admin.close();

const sum = committed.reduce((total, offset) => total + Math.max(Number(offset), 0), 0);
process.stdout.write(JSON.stringify({ partitions: created.partitions, consumed: values.size, committed: sum, state }));
