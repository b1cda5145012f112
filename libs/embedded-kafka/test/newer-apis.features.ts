import { expect, test } from '@jest/globals';
import { alterReplicaLogDirsApi } from '../src/protocol/apis/alter-replica-log-dirs.js';
import { describeConfigsApi } from '../src/protocol/apis/describe-configs.js';
import { describeLogDirsApi } from '../src/protocol/apis/describe-log-dirs.js';
import { describeQuorumApi } from '../src/protocol/apis/describe-quorum.js';
import { describeTopicPartitionsApi } from '../src/protocol/apis/describe-topic-partitions.js';
import { clientMetricsResource, listConfigResourcesApi } from '../src/protocol/apis/list-config-resources.js';
import { metadataApi } from '../src/protocol/apis/metadata.js';
import { offsetCommitApi } from '../src/protocol/apis/offset-commit.js';
import { offsetFetchApi } from '../src/protocol/apis/offset-fetch.js';
import { ErrorCode } from '../src/protocol/error-code.js';
import { ValueType } from '../src/topic-requests/value-type.js';
import { eventually } from '#testing';
import type { BrokerUnderTest } from './broker-under-test.js';
import { askForMetadata, commitRequest } from './requests.js';

const [topicResource, brokerResource, brokerLoggerResource, noResource] = [2, 4, 8, 99];

/** What the suites of Go and Python clients ask of a broker of version 4.1. */
export function newerApiFeatures(broker: () => BrokerUnderTest): void {
  test('the offsets of several groups are fetched at once, some or all of each', async () => {
    const client = await broker().wire();
    const [topic, first, second] = [await broker().newTopic(2), broker().name('group'), broker().name('group')];
    await client.call(offsetCommitApi, 8, commitRequest({ groupId: first, topic, offset: 3 }));
    await client.call(offsetCommitApi, 8, commitRequest({ groupId: second, topic, offset: 5 }));
    const groups = [
      { groupId: first, topics: [{ name: topic, partitions: [1, 0] }] },
      { groupId: second, topics: null },
      { groupId: broker().name('group'), topics: null },
    ];
    const request = { groupId: '', topics: null, groups, requireStable: true };
    const answer = await client.call(offsetFetchApi, 8, request);
    const offsets = answer.groups.map(({ groupId, topics, errorCode }) => {
      const found = topics.flatMap(({ partitions }) => partitions.map(({ index, offset }) => [index, offset]));
      return { groupId, errorCode, found: found.toSorted(([one = 0], [other = 0]) => one - other) };
    });
    expect(offsets).toEqual([
      {
        groupId: first,
        errorCode: 0,
        found: [
          [0, 3],
          [1, -1],
        ],
      },
      { groupId: second, errorCode: 0, found: [[0, 5]] },
      { groupId: groups[2]?.groupId, errorCode: 0, found: [] },
    ]);
  });

  test('topics are described page by page, in the order of their names', async () => {
    const client = await broker().wire();
    const [one, two] = [await broker().newTopic(3), await broker().newTopic(2)];
    const unknown = `${two}-not-there`;
    const topics = [two, one, unknown, one, 'no/slash'].map((name) => ({ name }));
    const page = async (partitionLimit: number, cursor: { topic: string; partition: number } | null) => {
      const answer = await client.call(describeTopicPartitionsApi, 0, { topics, partitionLimit, cursor });
      const described = answer.topics.map(({ name, errorCode, partitions }) => {
        return { name, errorCode, indexes: partitions.map(({ index }) => index) };
      });
      return { described, nextCursor: answer.nextCursor };
    };
    const invalid = { name: 'no/slash', errorCode: ErrorCode.invalidTopic, indexes: [] };
    const missing = { name: unknown, errorCode: ErrorCode.unknownTopicOrPartition, indexes: [] };
    expect((await page(2000, null)).nextCursor).toBeNull();
    const all = (await page(2000, null)).described;
    expect(all).toContainEqual({ name: one, errorCode: 0, indexes: [0, 1, 2] });
    expect(all).toContainEqual({ name: two, errorCode: 0, indexes: [0, 1] });
    expect(all).toContainEqual(missing);
    expect(all).toContainEqual(invalid);
    expect(all).toHaveLength(4);
    const start = { name: one, errorCode: 0, indexes: [0, 1] };
    const next = await page(2, null);
    expect(next).toEqual({ described: [start], nextCursor: { topic: one, partition: 2 } });
    const rest = await page(2, next.nextCursor);
    expect(rest.described).toContainEqual({ name: one, errorCode: 0, indexes: [2] });
    expect(rest).toMatchObject({ nextCursor: { topic: two, partition: 1 } });
    const [facts] = (await client.call(describeTopicPartitionsApi, 0, { topics, partitionLimit: 1, cursor: null }))
      .topics;
    expect(facts?.partitions[0]).toMatchObject({ errorCode: 0, index: 0, leaderEpoch: 0, offlineReplicas: [] });
    expect(facts?.authorizedOperations).toBeGreaterThan(0);
    expect(facts?.partitions[0]?.replicas).toEqual([facts?.partitions[0]?.leaderId]);
  });

  test('what has settings is listed by type, and a type that Kafka does not know is refused', async () => {
    const client = await broker().wire();
    const topic = await broker().newTopic();
    const list = (types: number[], version = 1) => client.call(listConfigResourcesApi, version, { types });
    await eventually(async () => {
      expect((await list([topicResource])).resources).toContainEqual({ name: topic, type: topicResource });
    });
    const all = await list([]);
    expect(all.errorCode).toBe(0);
    expect([...new Set(all.resources.map(({ type }) => type))]).toEqual(
      expect.arrayContaining([topicResource, brokerResource, brokerLoggerResource]),
    );
    // Others may have set up some on a broker that is shared.
    expect((await list([clientMetricsResource])).errorCode).toBe(0);
    expect((await list([], 0)).errorCode).toBe(0);
    expect(await list([noResource])).toMatchObject({ errorCode: ErrorCode.unsupportedVersion, resources: [] });
  });

  test('a replica stays in the folder where it is, and there is no other', async () => {
    const client = await broker().wire();
    const topic = await broker().newTopic();
    const [folder] = (await client.call(describeLogDirsApi, 4, { topics: null })).results;
    const move = async (logDir: string, name: string) => {
      const dirs = [{ logDir, topics: [{ name, partitions: [0] }] }];
      return (await client.call(alterReplicaLogDirsApi, 2, { dirs })).results[0]?.partitions[0]?.errorCode;
    };
    expect(await move(folder?.logDir ?? '', topic)).toBe(ErrorCode.none);
    expect(await move(folder?.logDir ?? '', broker().name())).toBe(ErrorCode.unknownTopicOrPartition);
    expect(await move('/no/such/folder', topic)).toBe(ErrorCode.logDirNotFound);
    expect(await move('/no/such/folder', broker().name())).toBe(ErrorCode.logDirNotFound);
  });

  test('settings say of what type they are', async () => {
    const client = await broker().wire();
    const topic = await broker().newTopic();
    const typesOf = async (type: number, name: string) => {
      const resources = [{ type, name, keys: null }];
      const request = { resources, includeSynonyms: false, includeDocumentation: false };
      const { configs } = (await client.call(describeConfigsApi, 4, request)).results[0] ?? { configs: [] };
      return new Map(configs.map((entry) => [entry.name, entry.valueType]));
    };
    const namesByType = new Map<number, string[]>();
    for (const [name, type] of await typesOf(topicResource, topic)) {
      namesByType.set(type, [...(namesByType.get(type) ?? []), name.split('.').slice(0, 2).join('.')].toSorted());
    }
    const sizes = (...types: number[]) => types.map((type) => namesByType.get(type)?.length ?? 0);
    expect(namesByType.get(ValueType.string)).toEqual(['compression.type', 'message.timestamp']);
    expect(namesByType.get(ValueType.double)).toEqual(['min.cleanable']);
    expect(namesByType.get(ValueType.list)).toEqual(['cleanup.policy', 'follower.replication', 'leader.replication']);
    expect(sizes(ValueType.boolean, ValueType.int, ValueType.long)).toEqual([5, 8, 14]);
    const [{ nodeId } = { nodeId: -1 }] = (await client.call(metadataApi, 9, askForMetadata(topic))).brokers;
    const ofBroker = await typesOf(brokerResource, String(nodeId));
    expect(ofBroker.get('advertised.listeners')).toBe(ValueType.string);
    expect(ofBroker.get('auto.create.topics.enable')).toBe(ValueType.boolean);
    expect(ofBroker.get('node.id')).toBe(ValueType.int);
    expect(ofBroker.get('log.retention.ms')).toBe(ValueType.long);
  });

  test('settings explain themselves to those who ask', async () => {
    const client = await broker().wire();
    const topic = await broker().newTopic();
    const explained = async (includeDocumentation: boolean) => {
      const resources = [{ type: topicResource, name: topic, keys: ['retention.ms', 'flush.ms'] }];
      const request = { resources, includeSynonyms: false, includeDocumentation };
      const { results } = await client.call(describeConfigsApi, 4, request);
      return results[0]?.configs.map(({ documentation }) => documentation !== null && documentation.length > 10);
    };
    expect(await explained(true)).toEqual([true, true]);
    expect(await explained(false)).toEqual([false, false]);
  });

  test('the quorum is the broker, and leads the metadata alone', async () => {
    const client = await broker().wire();
    const topic = await broker().newTopic();
    const [node] = (await client.call(metadataApi, 9, askForMetadata(topic))).brokers;
    const describe = async (name: string) => {
      const request = { topics: [{ name, partitions: [{ index: 0 }] }] };
      const { errorCode, topics } = await client.call(describeQuorumApi, 1, request);
      return { errorCode, partition: topics[0]?.partitions[0] };
    };
    const { errorCode, partition } = await describe('__cluster_metadata');
    expect(errorCode).toBe(0);
    expect(partition).toMatchObject({ index: 0, errorCode: 0, leaderId: node?.nodeId, observers: [] });
    expect(partition?.voters.map(({ replicaId }) => replicaId)).toEqual([node?.nodeId]);
    expect(partition?.highWatermark).toBeGreaterThan(0);
    expect((await describe(topic)).partition?.errorCode).toBe(ErrorCode.unknownTopicOrPartition);
  });
}
