import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeConfigsApi } from '../src/protocol/apis/describe-configs.js';
import { heartbeatApi } from '../src/protocol/apis/heartbeat.js';
import { joinGroupApi } from '../src/protocol/apis/join-group.js';
import { incrementalAlterConfigsApi } from '../src/protocol/apis/incremental-alter-configs.js';
import { offsetCommitApi } from '../src/protocol/apis/offset-commit.js';
import { offsetFetchApi } from '../src/protocol/apis/offset-fetch.js';
import { initProducerIdApi } from '../src/protocol/apis/init-producer-id.js';
import { syncGroupApi } from '../src/protocol/apis/sync-group.js';
import { ErrorCode } from '../src/protocol/error-code.js';
import { ResourceType } from '../src/topic-requests/resource-type.js';
import { batchOfSize } from './batches.js';
import { createTopic, OwnBroker } from './own-broker.js';
import { askForProducerId, commitRequest, fetch, listOffset, produce } from './requests.js';
import type { WireClient } from './wire-client.js';

const startModule = new URL('../../../dist/libs/embedded-kafka/src/index.js', import.meta.url);
const processModule = new URL('./broker.process.mjs', import.meta.url);

const commit = (client: WireClient, offset: number) =>
  client.call(offsetCommitApi, 5, commitRequest({ groupId: 'g', topic: 't', offset }));
const committed = async (client: WireClient) => {
  const topics = [{ name: 't', partitions: [0] }];
  return (await client.call(offsetFetchApi, 4, { groupId: 'g', topics, groups: [], requireStable: false })).topics[0]
    ?.partitions[0]?.offset;
};

/** The one member of a group, which knows its part. */
async function joinAlone(client: WireClient): Promise<string> {
  const times = { sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000 };
  const protocols = [{ name: 'any', metadata: Buffer.alloc(0) }];
  const who = { groupId: 'g', memberId: '', groupInstanceId: null, protocolType: 'consumer', reason: null };
  const { memberId, generationId } = await client.call(joinGroupApi, 3, { ...who, ...times, protocols });
  const assignments = [{ memberId, assignment: Buffer.from('all') }];
  const part = { memberId, groupInstanceId: null, protocolType: null, protocolName: null, assignments };
  await client.call(syncGroupApi, 3, { groupId: 'g', generationId, ...part });
  return memberId;
}

describe('durability of the embedded broker', () => {
  let broker: OwnBroker;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    broker = await OwnBroker.create();
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    child = undefined;
    await broker.remove();
  });

  const startChild = async (): Promise<string> => {
    const args = [processModule.pathname, startModule.href, broker.dataDir];
    const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    child = started;
    const [address] = await once(started.stdout, 'data');
    return String(address).trim();
  };

  test.each([-1, 1])('with acks=%i nothing is acknowledged before the flush', async (acks) => {
    await broker.start();
    await createTopic(await broker.wire(), 't');
    await broker.stop();
    const flushDelayMs = 700;
    await broker.start({ flushDelayMs });
    const client = await broker.wire();
    const startMs = performance.now();
    let isAcknowledged = false;
    const acknowledged = produce(client, 't', batchOfSize(1), { acks }).then((answer) => {
      isAcknowledged = true;
      return answer;
    });
    // Not even visible before it is on disk.
    const reader = await broker.wire();
    expect((await listOffset(reader, 't', -1)).offset).toBe(0);
    expect(isAcknowledged).toBe(false);
    expect(await acknowledged).toEqual({ errorCode: 0, baseOffset: 0 });
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(flushDelayMs - 5);
    expect((await listOffset(reader, 't', -1)).offset).toBe(1);
  });

  test('nothing that was acknowledged is lost when the process is killed under load', async () => {
    let acknowledgedEnd = 0;
    let committedOffset = -1;
    for (let round = 0; round < 3; round += 1) {
      const address = await startChild();
      const [first, second, committer] = [
        await broker.wire(address),
        await broker.wire(address),
        await broker.wire(address),
      ];
      if (round === 0) await createTopic(first, 't');
      expect((await listOffset(first, 't', -1)).offset).toBeGreaterThanOrEqual(acknowledgedEnd);
      expect((await committed(committer)) ?? -1).toBeGreaterThanOrEqual(committedOffset);
      const enough = acknowledgedEnd + 600;
      const load = async (client: WireClient) => {
        for (;;) {
          const { errorCode, baseOffset } = await produce(client, 't', batchOfSize(3));
          if (errorCode === 0) acknowledgedEnd = Math.max(acknowledgedEnd, baseOffset + 3);
          if (acknowledgedEnd >= enough) child?.kill('SIGKILL');
        }
      };
      const commits = async () => {
        for (let offset = committedOffset + 1; ; offset += 1) {
          await commit(committer, offset);
          committedOffset = offset;
        }
      };
      // Each goes on until its connection ends.
      await Promise.allSettled([load(first), load(second), commits()]);
    }
    await broker.start();
    const client = await broker.wire();
    const { offset: end } = await listOffset(client, 't', -1);
    expect(end).toBeGreaterThanOrEqual(acknowledgedEnd);
    expect((await committed(client)) ?? -1).toBeGreaterThanOrEqual(committedOffset);
    expect(committedOffset).toBeGreaterThan(0);
    const { records } = await fetch(client, 't', 0, { maxBytes: 50 << 20 });
    expect(records).toHaveLength((end / 3) * batchOfSize(3).length);
  });

  test('whoever has been told its part of a group is known when the process is killed at that moment', async () => {
    const memberId = await joinAlone(await broker.wire(await startChild()));
    child?.kill('SIGKILL');
    await broker.start();
    const who = { groupId: 'g', memberId, generationId: 1, groupInstanceId: null };
    expect((await (await broker.wire()).call(heartbeatApi, 3, who)).errorCode).toBe(ErrorCode.none);
  });

  test('a restart on the same port keeps topics, messages, producers and committed offsets', async () => {
    const { port } = await broker.start();
    const client = await broker.wire();
    await createTopic(client, 't', { configs: { 'retention.ms': '-1' } });
    const { producerId, producerEpoch } = await client.call(initProducerIdApi, 1, askForProducerId);
    const batch = () => batchOfSize(4, { producerId, producerEpoch, baseSequence: 0 });
    await produce(client, 't', batch());
    await commit(client, 3);
    await broker.stop();
    await client.closed;
    await broker.start({ port });
    const again = await broker.wire();
    expect(await produce(again, 't', batch())).toEqual({ errorCode: 0, baseOffset: 0 });
    expect(await produce(again, 't', batchOfSize(1))).toEqual({ errorCode: 0, baseOffset: 4 });
    expect(await committed(again)).toBe(3);
    expect((await again.call(initProducerIdApi, 1, askForProducerId)).producerId).not.toBe(producerId);
  });

  test('settings of the broker and of groups are there after a restart', async () => {
    await broker.start();
    const [ofBroker, ofGroup] = [ResourceType.broker, ResourceType.group];
    const set = (name: string, value: string) => [{ name, operation: 0, value }];
    const resources = [
      { type: ofBroker, name: '', configs: set('leader.replication.throttled.rate', '1000') },
      { type: ofGroup, name: 'g', configs: set('consumer.session.timeout.ms', '50000') },
    ];
    const { results } = await (
      await broker.wire()
    ).call(incrementalAlterConfigsApi, 1, { resources, validateOnly: false });
    expect(results.map(({ errorCode }) => errorCode)).toEqual([ErrorCode.none, ErrorCode.none]);
    await broker.stop();
    await broker.start();
    const asked = resources.map(({ type, name, configs }) => ({ type, name, keys: configs.map((one) => one.name) }));
    const request = { resources: asked, includeSynonyms: false, includeDocumentation: false };
    const described = await (await broker.wire()).call(describeConfigsApi, 4, request);
    expect(described.results.map(({ configs }) => configs.map(({ value }) => value))).toEqual([['1000'], ['50000']]);
  });

  test.each([true, false])(
    'members of groups are known after a restart unless they are to be forgotten (%s)',
    async (forgetMembers) => {
      await broker.start();
      const memberId = await joinAlone(await broker.wire());
      await broker.stop();
      await broker.start({ forgetMembers });
      const who = { groupId: 'g', memberId, generationId: 1, groupInstanceId: null };
      const { errorCode } = await (await broker.wire()).call(heartbeatApi, 3, who);
      expect(errorCode).toBe(forgetMembers ? ErrorCode.unknownMemberId : ErrorCode.none);
    },
  );

  test('with a full disk producers get KAFKA_STORAGE_ERROR, everything else goes on, and nothing is lost', async () => {
    await broker.start();
    const before = await broker.wire();
    await createTopic(before, 't');
    await produce(before, 't', batchOfSize(2));
    await broker.stop();
    await broker.start({ reserveBytes: Number.MAX_SAFE_INTEGER });
    const client = await broker.wire();
    expect((await produce(client, 't', batchOfSize(2))).errorCode).toBe(ErrorCode.storage);
    expect((await fetch(client, 't', 0)).records).toHaveLength(batchOfSize(2).length);
    await commit(client, 1);
    expect(await committed(client)).toBe(1);
    await broker.stop();
    await broker.start();
    expect(await produce(await broker.wire(), 't', batchOfSize(2))).toEqual({ errorCode: 0, baseOffset: 2 });
  });
});
