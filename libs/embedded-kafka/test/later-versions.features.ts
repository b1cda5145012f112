import { expect, test } from '@jest/globals';
import { createAclsApi, deleteAclsApi, describeAclsApi } from '../src/protocol/apis/acls.js';
import { alterConfigsApi } from '../src/protocol/apis/alter-configs.js';
import { createTopicsApi } from '../src/protocol/apis/create-topics.js';
import { deleteTopicsApi } from '../src/protocol/apis/delete-topics.js';
import { describeConfigsApi } from '../src/protocol/apis/describe-configs.js';
import { describeGroupsApi } from '../src/protocol/apis/describe-groups.js';
import { incrementalAlterConfigsApi } from '../src/protocol/apis/incremental-alter-configs.js';
import { listGroupsApi } from '../src/protocol/apis/list-groups.js';
import { listOffsetsApi } from '../src/protocol/apis/list-offsets.js';
import { metadataApi } from '../src/protocol/apis/metadata.js';
import { offsetCommitApi } from '../src/protocol/apis/offset-commit.js';
import { offsetDeleteApi } from '../src/protocol/apis/offset-delete.js';
import { offsetFetchApi } from '../src/protocol/apis/offset-fetch.js';
import {
  alterPartitionReassignmentsApi,
  listPartitionReassignmentsApi,
} from '../src/protocol/apis/partition-reassignments.js';
import { noUuid } from '../src/protocol/codec.js';
import { ErrorCode } from '../src/protocol/error-code.js';
import { eventually } from '#testing';
import { batchOfRecords } from './batches.js';
import type { BrokerUnderTest } from './broker-under-test.js';
import { askForMetadata, commitRequest, fetch, listOffset, produce } from './requests.js';
import type { WireClient } from './wire-client.js';

const topicResource = 2;
const Operation = { set: 0, delete: 1, append: 2, subtract: 3 };

async function settingsOf(client: WireClient, name: string): Promise<Record<string, string | null>> {
  const resources = [{ type: topicResource, name, keys: null }];
  const request = { resources, includeSynonyms: false, includeDocumentation: true };
  const { results } = await client.call(describeConfigsApi, 4, request);
  return Object.fromEntries(results[0]?.configs.map((entry) => [entry.name, entry.value]) ?? []);
}

/** What newer clients ask for: flexible versions, and APIs that came after those of kafkajs. */
export function laterVersionFeatures(broker: () => BrokerUnderTest): void {
  test('whoever creates a topic is told what it has become, and may delete it by its name', async () => {
    const client = await broker().wire();
    const create = async (partitionCount: number, replicationFactor: number, validateOnly: boolean) => {
      const configs = [{ name: 'retention.ms', value: '60000' }];
      const topics = [{ name: broker().name(), partitionCount, replicationFactor, assignments: [], configs }];
      const [created] = (await client.call(createTopicsApi, 7, { topics, timeoutMs: 10_000, validateOnly })).topics;
      const { value, source } = created?.configs?.find(({ name }) => name === 'retention.ms') ?? {};
      return { ...created, configs: [value, source] };
    };
    const shape = { errorCode: ErrorCode.none, replicationFactor: 1, configs: ['60000', 1] };
    expect(await create(2, 1, true)).toMatchObject({ ...shape, partitionCount: 2 });
    const created = await create(-1, -1, false);
    expect(created).toMatchObject({ ...shape, partitionCount: 1 });
    expect(await create(0, 1, false)).toMatchObject({ errorCode: ErrorCode.invalidPartitions, partitionCount: -1 });
    const [name = '', unknownId] = [created.name, 'ab'.repeat(16)];
    const topics = [
      { name, topicId: noUuid },
      { name: null, topicId: unknownId },
    ];
    const deleted = await client.call(deleteTopicsApi, 6, { topics, names: [], timeoutMs: 10_000 });
    expect(deleted.topics.toSorted((one, other) => one.errorCode - other.errorCode)).toMatchObject([
      { name, errorCode: ErrorCode.none },
      { name: null, topicId: unknownId, errorCode: ErrorCode.unknownTopicId },
    ]);
    await eventually(async () => expect(await (await broker().admin()).listTopics()).not.toContain(name));
  });

  test('flexible versions of metadata, produce, fetch and offsets carry the same as the old ones', async () => {
    const client = await broker().wire();
    const topic = await broker().newTopic();
    expect((await client.call(metadataApi, 9, askForMetadata(topic))).topics[0]).toMatchObject({ name: topic });
    const batch = batchOfRecords([
      { value: 'a', timestamp: 5_000 },
      { value: 'b', timestamp: 2_000 },
    ]);
    expect(await produce(client, topic, batch, { version: 9 })).toEqual({ errorCode: 0, baseOffset: 0 });
    const fetched = await fetch(client, topic, 0, { version: 12 });
    expect(fetched).toMatchObject({ errorCode: 0, highWatermark: 2 });
    expect(fetched.records).toHaveLength(batch.length);

    const [largestTimestamp, earliestLocal, latestTiered] = [-3, -4, -5];
    const answers = await Promise.all(
      [largestTimestamp, earliestLocal, latestTiered].map(async (timestamp) => {
        const wanted = { index: 0, currentLeaderEpoch: -1, timestamp, maxNumOffsets: 1 };
        const topics = [{ name: topic, partitions: [wanted] }];
        const request = { replicaId: -1, isolationLevel: 0, topics, timeoutMs: 5_000 };
        const { offset } = (await client.call(listOffsetsApi, 10, request)).topics[0]?.partitions[0] ?? {};
        return offset;
      }),
    );
    expect(answers).toEqual([0, 0, -1]);
    expect((await listOffset(client, topic, largestTimestamp)).errorCode).toBe(ErrorCode.unsupportedVersion);
  });

  test('groups are listed by state, and described with the facts of newer versions', async () => {
    const client = await broker().wire();
    const [topic, groupId] = [await broker().newTopic(), broker().name('group')];
    await client.call(offsetCommitApi, 8, commitRequest({ groupId, topic, offset: 0 }));
    const listed = async (states: string[], types: string[]) => {
      const { groups } = await client.call(listGroupsApi, 5, { states, types });
      return groups.find((group) => group.groupId === groupId);
    };
    expect(await listed([], [])).toEqual({ groupId, protocolType: '', state: 'Empty', type: 'classic' });
    expect(await listed(['Empty'], ['classic'])).toBeDefined();
    expect(await listed(['Stable'], [])).toBeUndefined();
    expect(await listed([], ['consumer'])).toBeUndefined();
    const described = await client.call(describeGroupsApi, 5, {
      groups: [groupId],
      includeAuthorizedOperations: false,
    });
    expect(described.groups[0]).toMatchObject({ groupId, state: 'Empty', members: [] });
  });

  test('single settings of a topic are set, taken back, added to and taken from', async () => {
    const client = await broker().wire();
    const name = await broker().newTopic(1, [{ name: 'retention.ms', value: '60000' }]);
    const alter = async (operation: number, setting: string, value: string | null, validateOnly = false) => {
      const configs = [{ name: setting, operation, value }];
      const request = { resources: [{ type: topicResource, name, configs }], validateOnly };
      return (await client.call(incrementalAlterConfigsApi, 1, request)).results[0]?.errorCode;
    };
    const eventuallySet = (settings: Record<string, string>) =>
      eventually(async () => expect(await settingsOf(client, name)).toMatchObject(settings));
    expect(await alter(Operation.append, 'cleanup.policy', 'compact')).toBe(0);
    await eventuallySet({ 'cleanup.policy': 'delete,compact', 'retention.ms': '60000' });
    expect(await alter(Operation.subtract, 'cleanup.policy', 'delete')).toBe(0);
    expect(await alter(Operation.set, 'max.message.bytes', '2000')).toBe(0);
    expect(await alter(Operation.delete, 'retention.ms', null)).toBe(0);
    await eventuallySet({ 'cleanup.policy': 'compact', 'max.message.bytes': '2000', 'retention.ms': '604800000' });
    expect(await alter(Operation.set, 'retention.ms', 'soon')).toBe(ErrorCode.invalidConfig);
    expect(await alter(Operation.set, 'no.such.setting', '1')).toBe(ErrorCode.invalidConfig);
    expect(await alter(Operation.append, 'retention.ms', '1')).toBe(ErrorCode.invalidConfig);
    expect(await alter(Operation.set, 'retention.ms', '5', true)).toBe(0);
    expect(await settingsOf(client, name)).toMatchObject({ 'retention.ms': '604800000' });
    const all = { resources: [{ type: topicResource, name, configs: [] }], validateOnly: false };
    expect((await client.call(alterConfigsApi, 2, all)).results[0]?.errorCode).toBe(0);
    await eventuallySet({ 'cleanup.policy': 'delete', 'max.message.bytes': '1048588' });
  });

  test('a topic has the settings that Kafka 4.1 has', async () => {
    const settings = await settingsOf(await broker().wire(), await broker().newTopic());
    expect(Object.keys(settings)).toHaveLength(33);
    expect(settings).toMatchObject({ 'compression.zstd.level': '3', 'remote.log.copy.disable': 'false' });
  });

  test('the epoch of the last record that a group has read is kept with its offset', async () => {
    const client = await broker().wire();
    const [topic, groupId] = [await broker().newTopic(), broker().name('group')];
    const commit = commitRequest({ groupId, topic, offset: 7 });
    const topics = commit.topics.map(({ name, partitions }) => {
      return { name, partitions: partitions.map((partition) => ({ ...partition, committedLeaderEpoch: 3 })) };
    });
    const fetched = async () => {
      const request = { groupId, topics: [{ name: topic, partitions: [0] }], groups: [], requireStable: true };
      return (await client.call(offsetFetchApi, 7, request)).topics[0]?.partitions[0];
    };
    await client.call(offsetCommitApi, 8, { ...commit, topics });
    expect(await fetched()).toMatchObject({ offset: 7, leaderEpoch: 3 });
    await client.call(offsetCommitApi, 8, commit);
    expect(await fetched()).toMatchObject({ offset: 7, leaderEpoch: -1 });
  });

  test('committed offsets are deleted, but not under an unknown group or topic', async () => {
    const client = await broker().wire();
    const [topic, groupId] = [await broker().newTopic(), broker().name('group')];
    await client.call(offsetCommitApi, 8, commitRequest({ groupId, topic, offset: 7 }));
    const remove = (group: string, name: string) =>
      client.call(offsetDeleteApi, 0, { groupId: group, topics: [{ name, partitions: [{ index: 0 }] }] });
    expect((await remove(broker().name('group'), topic)).errorCode).toBe(ErrorCode.groupIdNotFound);
    const unknown = (await remove(groupId, broker().name())).topics[0]?.partitions[0];
    expect(unknown?.errorCode).toBe(ErrorCode.unknownTopicOrPartition);
    const committed = async () => {
      const request = { groupId, topics: [{ name: topic, partitions: [0] }], groups: [], requireStable: true };
      return (await client.call(offsetFetchApi, 7, request)).topics[0]?.partitions[0]?.offset;
    };
    expect(await committed()).toBe(7);
    expect((await remove(groupId, topic)).topics[0]?.partitions[0]?.errorCode).toBe(0);
    expect(await committed()).toBe(-1);
  });

  test('partitions cannot be moved from a single broker, and none are under way', async () => {
    const client = await broker().wire();
    const topic = await broker().newTopic();
    const { brokers } = await client.call(metadataApi, 9, askForMetadata(topic));
    const here = brokers.map(({ nodeId }) => nodeId);
    const move = async (name: string, replicas: number[] | null) => {
      const request = { timeoutMs: 5_000, topics: [{ name, partitions: [{ index: 0, replicas }] }] };
      return (await client.call(alterPartitionReassignmentsApi, 0, request)).topics[0]?.partitions[0]?.errorCode;
    };
    expect(await move(broker().name(), here)).toBe(ErrorCode.unknownTopicOrPartition);
    expect(await move(topic, [5, ...here])).toBe(ErrorCode.invalidReplicaAssignment);
    expect(await move(topic, null)).toBe(ErrorCode.noReassignmentInProgress);
    expect(await move(topic, here)).toBe(ErrorCode.none);
    const listed = await client.call(listPartitionReassignmentsApi, 0, { timeoutMs: 5_000, topics: null });
    expect(listed).toMatchObject({ errorCode: 0, topics: [] });
  });

  test('access rules are refused where no authorizer is set up', async () => {
    const client = await broker().wire();
    const rule = { principal: 'User:bob', host: '*', operation: 2, permission: 3 };
    const resource = { resourceType: topicResource, resourceName: 't', patternType: 3 };
    for (const version of [1, 3]) {
      const created = await client.call(createAclsApi, version, { creations: [{ ...resource, ...rule }] });
      expect(created.results[0]?.errorCode).toBe(ErrorCode.securityDisabled);
      const described = await client.call(describeAclsApi, version, { ...resource, ...rule });
      expect(described.errorCode).toBe(ErrorCode.securityDisabled);
      const deleted = await client.call(deleteAclsApi, version, { filters: [{ ...resource, ...rule }] });
      expect(deleted.results[0]?.errorCode).toBe(ErrorCode.securityDisabled);
    }
  });
}
