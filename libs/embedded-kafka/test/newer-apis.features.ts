import { expect, test } from '@jest/globals';
import { alterReplicaLogDirsApi } from '../src/protocol/apis/alter-replica-log-dirs.js';
import { describeLogDirsApi } from '../src/protocol/apis/describe-log-dirs.js';
import { describeTopicPartitionsApi } from '../src/protocol/apis/describe-topic-partitions.js';
import { clientMetricsResource, listConfigResourcesApi } from '../src/protocol/apis/list-config-resources.js';
import { offsetCommitApi } from '../src/protocol/apis/offset-commit.js';
import { offsetFetchApi } from '../src/protocol/apis/offset-fetch.js';
import { ErrorCode } from '../src/protocol/error-code.js';
import { eventually } from '#testing';
import type { BrokerUnderTest } from './broker-under-test.js';
import { commitRequest } from './requests.js';

const [topicResource, brokerResource, groupResource, noResource] = [2, 4, 32, 99];

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
    // Groups are there, too, once one was given settings.
    const types = all.resources.map(({ type }) => type).filter((type) => type !== groupResource);
    expect(new Set(types)).toEqual(new Set([topicResource, brokerResource, 8]));
    expect(await list([clientMetricsResource])).toMatchObject({ errorCode: 0, resources: [] });
    expect(await list([], 0)).toMatchObject({ errorCode: 0, resources: [] });
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
}
