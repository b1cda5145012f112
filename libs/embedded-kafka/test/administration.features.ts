import { expect, test } from '@jest/globals';
import { ConfigResourceTypes } from 'kafkajs';
import { createPartitionsApi } from '../src/protocol/apis/create-partitions.js';
import { createTopicsApi } from '../src/protocol/apis/create-topics.js';
import { deleteTopicsApi } from '../src/protocol/apis/delete-topics.js';
import { ErrorCode } from '../src/protocol/error-code.js';
import { eventually } from '#testing';
import type { BrokerUnderTest } from './broker-under-test.js';
import type { WireClient } from './wire-client.js';

interface NewTopic {
  readonly name: string;
  readonly partitionCount?: number;
  readonly replicationFactor?: number;
  readonly assignments?: { partition: number; brokerIds: number[] }[];
  readonly configs?: { name: string; value: string | null }[];
}

export function administrationFeatures(broker: () => BrokerUnderTest): void {
  test('topics are created, grown and deleted', async () => {
    const admin = await broker().admin();
    const topic = broker().name();
    const partitionsOf = async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length;
    expect(await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 3 }] })).toBe(true);
    await eventually(async () => expect(await partitionsOf()).toBe(3));
    expect(await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] })).toBe(false);
    expect(await admin.listTopics()).toContain(topic);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
    await eventually(async () => expect(await partitionsOf()).toBe(5));
    await admin.deleteTopics({ topics: [topic] });
    await eventually(async () => expect(await admin.listTopics()).not.toContain(topic));
  });

  test('what Kafka refuses to create is refused with the same error', async () => {
    const client = await broker().wire();
    const topic = await broker().newTopic();
    const code = async (change: Partial<NewTopic>) => (await create(client, { name: broker().name(), ...change }))[0];
    expect(await code({ name: topic })).toBe(ErrorCode.topicAlreadyExists);
    expect(await code({ name: 'no/slash' })).toBe(ErrorCode.invalidTopic);
    expect(await code({ name: '' })).toBe(ErrorCode.invalidTopic);
    expect(await code({ name: topic.replace('-', '.').replace('.', '_') })).toBe(ErrorCode.none);
    expect(await code({ name: topic.replace('-', '.') })).toBe(ErrorCode.invalidTopic);
    expect(await code({ partitionCount: 0 })).toBe(ErrorCode.invalidPartitions);
    expect(await code({ replicationFactor: 2 })).toBe(ErrorCode.invalidReplicationFactor);
    expect(await code({ replicationFactor: 0 })).toBe(ErrorCode.invalidReplicationFactor);
    expect(await code({ configs: [{ name: 'retention.ms', value: 'soon' }] })).toBe(ErrorCode.invalidConfig);
    expect(await code({ configs: [{ name: 'no.such.setting', value: '1' }] })).toBe(ErrorCode.invalidConfig);
    expect(await code({ partitionCount: -1, replicationFactor: -1 })).toBe(ErrorCode.none);
    await client.call(deleteTopicsApi, 1, { topics: [], names: [topic.replace('-', '_')], timeoutMs: 10_000 });
  });

  test.each([
    ['segment.bytes', ['1048576', '+1048577', ' 2000000 '], ['1048575', '2147483648', '1e7', '']],
    ['max.message.bytes', ['0', '2147483647'], ['-1', '2147483648']],
    ['min.compaction.lag.ms', ['0', '9223372036854775807'], ['-1', '9223372036854775808', '1.5']],
    ['retention.bytes', ['-7', '1'], ['1.5', '9223372036854775808']],
    ['min.cleanable.dirty.ratio', ['0', '0.5', '1'], ['-0.1', '1.1', 'half']],
    ['cleanup.policy', ['delete,compact', ' compact , delete ', ''], ['compact,', 'Delete']],
    ['preallocate', ['true', 'FALSE'], ['yes', '1']],
    ['compression.type', ['uncompressed', 'zstd', 'producer'], ['none', 'brotli']],
    ['compression.gzip.level', ['-1', '1', '9'], ['0', '10']],
    ['compression.lz4.level', ['1', '17'], ['0', '18']],
    ['compression.zstd.level', ['-131072', '22'], ['23']],
    ['leader.replication.throttled.replicas', ['', '*', '0:1', '0:1,1:1'], ['all', '0']],
    ['remote.storage.enable', ['false'], ['true', 'maybe']],
  ])('%s takes the values that Kafka takes', async (setting, taken, refused) => {
    const client = await broker().wire();
    const codeOf = async (value: string) => {
      const configs = [{ name: setting, value }];
      const request = { topics: [asked({ name: broker().name(), configs })], timeoutMs: 10_000, validateOnly: true };
      return (await client.call(createTopicsApi, 3, request)).topics[0]?.errorCode;
    };
    for (const value of taken) expect([value, await codeOf(value)]).toEqual([value, ErrorCode.none]);
    for (const value of refused) expect([value, await codeOf(value)]).toEqual([value, ErrorCode.invalidConfig]);
  });

  test('a topic that stands twice in a request is not deleted, and an invalid name has no settings', async () => {
    const client = await broker().wire();
    const topic = await broker().newTopic();
    const { topics } = await client.call(deleteTopicsApi, 1, { topics: [], names: [topic, topic], timeoutMs: 10_000 });
    expect(topics).toMatchObject([{ name: topic, errorCode: ErrorCode.invalidRequest }]);
    const admin = await broker().admin();
    expect(await admin.listTopics()).toContain(topic);
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: 'no/slash' }];
    const described = admin.describeConfigs({ includeSynonyms: false, resources });
    await expect(described).rejects.toHaveProperty('code', ErrorCode.invalidTopic);
  });

  test('a topic has one partition unless it is created with more', async () => {
    const [admin, topic] = [await broker().admin(), broker().name()];
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic }] });
    const partitions = async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions;
    await eventually(async () => expect(await partitions()).toHaveLength(1));
    const moved = admin.createPartitions({ topicPartitions: [{ topic, count: 2, assignments: [[10]] }] });
    await expect(moved).rejects.toHaveProperty('code', ErrorCode.invalidReplicaAssignment);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] });
    await eventually(async () => expect(await partitions()).toHaveLength(2));
  });

  test('a topic twice in a request is refused, and a validation creates nothing', async () => {
    const client = await broker().wire();
    const [twice, validated] = [broker().name(), broker().name()];
    expect(await create(client, { name: twice }, { name: twice })).toEqual([ErrorCode.invalidRequest]);
    const request = { topics: [asked({ name: validated })], timeoutMs: 10_000, validateOnly: true };
    expect((await client.call(createTopicsApi, 3, request)).topics[0]?.errorCode).toBe(ErrorCode.none);
    const topics = await (await broker().admin()).listTopics();
    expect(topics).not.toContain(twice);
    expect(topics).not.toContain(validated);
  });

  test('topics do not shrink, and unknown ones are neither grown nor deleted', async () => {
    const client = await broker().wire();
    const [topic, unknown] = [await broker().newTopic(3), broker().name()];
    const grow = async (name: string, count: number) => {
      const topics = [{ name, count, assignments: null }];
      const request = { topics, timeoutMs: 10_000, validateOnly: false };
      return (await client.call(createPartitionsApi, 1, request)).topics[0]?.errorCode;
    };
    expect(await grow(topic, 3)).toBe(ErrorCode.invalidPartitions);
    expect(await grow(topic, 2)).toBe(ErrorCode.invalidPartitions);
    expect(await grow(unknown, 2)).toBe(ErrorCode.unknownTopicOrPartition);
    const { topics } = await client.call(deleteTopicsApi, 1, { topics: [], names: [unknown], timeoutMs: 10_000 });
    expect(topics[0]?.errorCode).toBe(ErrorCode.unknownTopicOrPartition);
  });

  test('settings of topics are shown with their source, and replaced', async () => {
    const admin = await broker().admin();
    const topic = await broker().newTopic(1, [{ name: 'retention.ms', value: '60000' }]);
    const resource = { type: ConfigResourceTypes.TOPIC, name: topic };
    const settings = async () => {
      const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
      const entries = resources[0]?.configEntries ?? [];
      return Object.fromEntries(entries.map((entry) => [entry.configName, [entry.configValue, entry.configSource]]));
    };
    expect(await settings()).toMatchObject({ 'retention.ms': ['60000', 1], 'cleanup.policy': ['delete', 5] });
    const configEntries = [{ name: 'cleanup.policy', value: 'compact' }];
    await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
    await eventually(async () => {
      expect(await settings()).toMatchObject({ 'retention.ms': ['604800000', 5], 'cleanup.policy': ['compact', 1] });
    });
    const nonsense = [{ name: 'cleanup.policy', value: 'shred' }];
    const altering = admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries: nonsense }] });
    await expect(altering).rejects.toHaveProperty('code', ErrorCode.invalidConfig);
  });

  test('settings of topics have synonyms: their own value and what the broker calls its default', async () => {
    const admin = await broker().admin();
    const topic = await broker().newTopic(1, [
      { name: 'retention.ms', value: '60000' },
      { name: 'cleanup.policy', value: 'compact' },
    ]);
    const configNames = ['cleanup.policy', 'retention.ms', 'flush.ms', 'compression.type', 'max.message.bytes'];
    const resource = { type: ConfigResourceTypes.TOPIC, name: topic, configNames };
    const { resources } = await admin.describeConfigs({ includeSynonyms: true, resources: [resource] });
    const shown = resources[0]?.configEntries.map(({ configName, configSynonyms }) => {
      const of = configSynonyms.map((one) => `${one.configName}=${one.configValue} from ${one.configSource}`);
      return [configName, of];
    });
    expect(Object.fromEntries(shown ?? [])).toEqual({
      'cleanup.policy': ['cleanup.policy=compact from 1', 'log.cleanup.policy=delete from 5'],
      'retention.ms': ['retention.ms=60000 from 1'],
      'flush.ms': [],
      'compression.type': ['compression.type=producer from 5'],
      'max.message.bytes': ['message.max.bytes=1048588 from 5'],
    });
  });

  test('the cluster has a controller that is one of its brokers', async () => {
    const { brokers, controller, clusterId } = await (await broker().admin()).describeCluster();
    expect(brokers.map(({ nodeId }) => nodeId)).toContain(controller);
    expect(clusterId).toMatch(/^[\w-]{22}$/);
  });
}

const asked = ({ name, partitionCount = 1, replicationFactor = 1, assignments = [], configs = [] }: NewTopic) => {
  return { name, partitionCount, replicationFactor, assignments, configs };
};

async function create(client: WireClient, ...topics: NewTopic[]): Promise<number[]> {
  const request = { topics: topics.map(asked), timeoutMs: 10_000, validateOnly: false };
  return (await client.call(createTopicsApi, 3, request)).topics.map(({ errorCode }) => errorCode);
}
