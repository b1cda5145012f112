import { expect, test } from '@jest/globals';
import type { Consumer } from 'kafkajs';
import { describeGroupsApi } from '../src/protocol/apis/describe-groups.js';
import { findCoordinatorApi } from '../src/protocol/apis/find-coordinator.js';
import { heartbeatApi } from '../src/protocol/apis/heartbeat.js';
import { joinGroupApi } from '../src/protocol/apis/join-group.js';
import { leaveGroupApi } from '../src/protocol/apis/leave-group.js';
import { offsetCommitApi } from '../src/protocol/apis/offset-commit.js';
import { syncGroupApi } from '../src/protocol/apis/sync-group.js';
import { ErrorCode } from '../src/protocol/error-code.js';
import { eventually } from '#testing';
import type { BrokerUnderTest } from './broker-under-test.js';
import { commitRequest } from './requests.js';
import type { WireClient } from './wire-client.js';

const patience = { timeoutMs: 30_000 };
const messagesOf = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ key: `${index}`, value: `${prefix}${index}` }));

export function groupingFeatures(broker: () => BrokerUnderTest): void {
  const producerTo = async (topic: string) => {
    const producer = broker().kafka().producer();
    await producer.connect();
    broker().onEnd(() => producer.disconnect());
    return (prefix: string, count: number) => producer.send({ topic, messages: messagesOf(prefix, count) });
  };
  const member = async (groupId: string, topic: string, seen: string[]): Promise<Consumer> => {
    // A consumer that is closed waits for the answer to its last fetch.
    const consumer = broker()
      .kafka()
      .consumer({ groupId, sessionTimeout: 10_000, heartbeatInterval: 200, maxWaitTimeInMs: 250 });
    await consumer.connect();
    broker().onEnd(() => consumer.disconnect());
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void seen.push(`${message.value}`) });
    return consumer;
  };

  test('members that join and leave share the partitions, and every message is delivered', async () => {
    const [topic, groupId] = [await broker().newTopic(4), broker().name('group')];
    const send = await producerTo(topic);
    const admin = await broker().admin();
    const membersOf = async () => (await admin.describeGroups([groupId])).groups[0]?.members.length;
    const seen: Record<'a' | 'b', string[]> = { a: [], b: [] };
    const all = () => new Set([...seen.a, ...seen.b]);
    const first = await member(groupId, topic, seen.a);
    await send('x', 50);
    await eventually(() => expect(all().size).toBe(50), patience);
    await member(groupId, topic, seen.b);
    await eventually(async () => expect(await membersOf()).toBe(2), patience);
    await eventually(async () => {
      await send('y', 50);
      expect(seen.b).not.toHaveLength(0);
    }, patience);
    await first.disconnect();
    await send('z', 50);
    await eventually(() => expect(all().size).toBe(150), patience);
    await eventually(async () => expect(await membersOf()).toBe(1), patience);
  });

  test('a group goes on where it has committed', async () => {
    const [topic, groupId] = [await broker().newTopic(2), broker().name('group')];
    const send = await producerTo(topic);
    const seen: string[] = [];
    const first = await member(groupId, topic, seen);
    await send('a', 20);
    await eventually(() => expect(seen).toHaveLength(20), patience);
    await first.disconnect();
    await send('b', 20);
    await member(groupId, topic, seen);
    await eventually(() => expect(seen).toHaveLength(40), patience);
    expect(new Set(seen).size).toBe(40);
  });

  test('administrators list, describe, move and delete groups, but not those with members', async () => {
    const [topic, groupId] = [await broker().newTopic(1), broker().name('group')];
    const send = await producerTo(topic);
    const admin = await broker().admin();
    const seen: string[] = [];
    await send('a', 10);
    const consumer = await member(groupId, topic, seen);
    await eventually(() => expect(seen).toHaveLength(10), patience);
    expect((await admin.listGroups()).groups).toContainEqual({ groupId, protocolType: 'consumer' });
    const described = (await admin.describeGroups([groupId])).groups[0];
    expect(described).toMatchObject({ state: 'Stable', protocolType: 'consumer', protocol: 'RoundRobinAssigner' });
    await expect(admin.deleteGroups([groupId])).rejects.toHaveProperty('name', 'KafkaJSDeleteGroupsError');
    await consumer.disconnect();
    await eventually(async () => {
      expect((await admin.describeGroups([groupId])).groups[0]).toMatchObject({ state: 'Empty', members: [] });
    }, patience);
    await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '4' }] });
    const [fetched] = await admin.fetchOffsets({ groupId, topics: [topic] });
    expect(fetched?.partitions).toMatchObject([{ partition: 0, offset: '4' }]);
    await admin.deleteGroups([groupId]);
    const [forgotten] = await admin.fetchOffsets({ groupId, topics: [topic] });
    expect(forgotten?.partitions).toMatchObject([{ partition: 0, offset: '-1' }]);
    const [gone] = (await admin.describeGroups([groupId])).groups;
    expect(gone).toMatchObject({ state: 'Dead' });
    const asked = { groups: [groupId], includeAuthorizedOperations: false };
    const { groups } = await (await broker().wire()).call(describeGroupsApi, 6, asked);
    expect(groups).toMatchObject([{ errorCode: ErrorCode.groupIdNotFound, state: 'Dead', members: [] }]);
  });

  test('a session timeout below 6 s is refused, and so is one above half an hour', async () => {
    const client = await broker().wire();
    const outcome = (sessionTimeoutMs: number) => join(client, broker().name('group'), { sessionTimeoutMs });
    expect((await outcome(5_999)).errorCode).toBe(ErrorCode.invalidSessionTimeout);
    expect((await outcome(1_800_001)).errorCode).toBe(ErrorCode.invalidSessionTimeout);
    expect((await outcome(6_000)).errorCode).toBe(ErrorCode.memberIdRequired);
    expect((await join(client, '', {})).errorCode).toBe(ErrorCode.invalidGroupId);
    const stranger = await join(client, broker().name('group'), { memberId: 'nobody' });
    expect(stranger.errorCode).toBe(ErrorCode.unknownMemberId);
  });

  test('groups have a coordinator, and so have transactions', async () => {
    const client = await broker().wire();
    const { brokers } = await (await broker().admin()).describeCluster();
    for (const keyType of [0, 1]) {
      const found = await eventually(async () => {
        const answer = await client.call(findCoordinatorApi, 3, { key: broker().name('key'), keyType, keys: [] });
        expect(answer.errorCode).toBe(ErrorCode.none);
        return answer;
      });
      expect(brokers).toContainEqual(expect.objectContaining({ nodeId: found.nodeId, port: found.port }));
    }
    const strange = await client.call(findCoordinatorApi, 3, { key: 'k', keyType: 9, keys: [] });
    expect(strange.errorCode).toBe(ErrorCode.invalidRequest);
  });

  test('the coordinators of several groups are found at once', async () => {
    const client = await broker().wire();
    const { brokers } = await (await broker().admin()).describeCluster();
    const keys = [broker().name('group'), broker().name('group')];
    const { coordinators } = await client.call(findCoordinatorApi, 4, { key: '', keyType: 0, keys });
    expect(coordinators.map(({ key, errorCode }) => [key, errorCode])).toEqual(
      keys.map((key) => [key, ErrorCode.none]),
    );
    for (const { nodeId, port } of coordinators)
      expect(brokers).toContainEqual(expect.objectContaining({ nodeId, port }));
    expect((await client.call(findCoordinatorApi, 4, { key: '', keyType: 0, keys: [] })).coordinators).toEqual([]);
    const strange = await client.call(findCoordinatorApi, 4, { key: '', keyType: 9, keys });
    expect(strange.coordinators.map(({ errorCode }) => errorCode)).toEqual(keys.map(() => ErrorCode.invalidRequest));
  });

  test('late and foreign members are told so by heartbeat, commit, sync and leave', async () => {
    const [topic, groupId] = [await broker().newTopic(), broker().name('group')];
    const client = await broker().wire();
    const { memberId } = await join(client, groupId, {});
    const joined = await client.call(joinGroupApi, 8, joinRequest(groupId, { memberId }));
    // Newer clients leave a group that is not of the type that they wanted.
    expect(joined).toMatchObject({ errorCode: 0, protocolType: 'consumer', protocolName: 'range' });
    const { generationId } = joined;
    const who = { groupId, memberId, groupInstanceId: null, protocolType: null, protocolName: null };
    const assignments = [{ memberId, assignment: Buffer.from('all') }];
    const synced = await client.call(syncGroupApi, 3, { ...who, generationId, assignments });
    expect(synced).toMatchObject({ errorCode: 0, assignment: Buffer.from('all') });

    const heartbeat = async (changes: { memberId?: string; generationId?: number }) =>
      (await client.call(heartbeatApi, 3, { ...who, generationId, ...changes })).errorCode;
    expect(await heartbeat({})).toBe(ErrorCode.none);
    expect(await heartbeat({ generationId: generationId + 1 })).toBe(ErrorCode.illegalGeneration);
    expect(await heartbeat({ memberId: 'nobody' })).toBe(ErrorCode.unknownMemberId);

    const commit = async (changes: { memberId?: string; generationId?: number }) => {
      const request = commitRequest({ groupId, topic, offset: 0, memberId, generationId, ...changes });
      return (await client.call(offsetCommitApi, 5, request)).topics[0]?.partitions[0]?.errorCode;
    };
    expect(await commit({})).toBe(ErrorCode.none);
    expect(await commit({ generationId: generationId + 1 })).toBe(ErrorCode.illegalGeneration);
    expect(await commit({ memberId: 'nobody' })).toBe(ErrorCode.unknownMemberId);
    expect(await commit({ memberId: '', generationId: -1 })).toBe(ErrorCode.unknownMemberId);

    const late = { ...who, generationId: generationId + 1, assignments: [] };
    expect((await client.call(syncGroupApi, 3, late)).errorCode).toBe(ErrorCode.illegalGeneration);
    const leaving = ['nobody', memberId].map((id) => ({ memberId: id, groupInstanceId: null, reason: null }));
    const left = await client.call(leaveGroupApi, 3, { groupId, memberId: '', members: leaving });
    expect(left.members.map(({ errorCode }) => errorCode)).toEqual([ErrorCode.unknownMemberId, ErrorCode.none]);
  });
}

interface Joining {
  readonly memberId?: string;
  readonly sessionTimeoutMs?: number;
}

function joinRequest(groupId: string, changes: Joining) {
  const protocols = [{ name: 'range', metadata: Buffer.from([0, 0]) }];
  const times = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000 };
  const who = { groupId, memberId: '', groupInstanceId: null, protocolType: 'consumer', reason: null };
  return { ...who, ...times, protocols, ...changes };
}

const join = (client: WireClient, groupId: string, changes: Joining) =>
  client.call(joinGroupApi, 5, joinRequest(groupId, changes));
