import { expect, test } from '@jest/globals';
import { eventually } from '#testing';
import { describeClusterApi } from '../src/protocol/apis/describe-cluster.js';
import { describeGroupsApi } from '../src/protocol/apis/describe-groups.js';
import { describeLogDirsApi } from '../src/protocol/apis/describe-log-dirs.js';
import { describeProducersApi } from '../src/protocol/apis/describe-producers.js';
import { electLeadersApi } from '../src/protocol/apis/elect-leaders.js';
import { initProducerIdApi } from '../src/protocol/apis/init-producer-id.js';
import { metadataApi } from '../src/protocol/apis/metadata.js';
import { offsetForLeaderEpochApi } from '../src/protocol/apis/offset-for-leader-epoch.js';
import { describeTransactionsApi, listTransactionsApi } from '../src/protocol/apis/transactions.js';
import { notAsked } from '../src/protocol/authorized-operations.js';
import { ErrorCode } from '../src/protocol/error-code.js';
import { batchOfSize } from './batches.js';
import type { BrokerUnderTest } from './broker-under-test.js';
import { askForMetadata, askForProducerId, produce } from './requests.js';

const Election = { preferred: 0, unclean: 1 };

/** What administrators look at, and what consumers ask for to find out whether a log was cut. */
export function inspectionFeatures(broker: () => BrokerUnderTest): void {
  test("the end of a leader's time is the end of the log, and other times have none", async () => {
    const client = await broker().wire();
    const topic = await broker().newTopic();
    await produce(client, topic, batchOfSize(2));
    const ask = async (leaderEpoch: number, { name = topic, index = 0, currentLeaderEpoch = -1 } = {}) => {
      const topics = [{ name, partitions: [{ index, currentLeaderEpoch, leaderEpoch }] }];
      const answer = await client.call(offsetForLeaderEpochApi, 4, { replicaId: -1, topics });
      const { errorCode, leaderEpoch: found, endOffset } = answer.topics[0]?.partitions[0] ?? {};
      return [errorCode, found, endOffset];
    };
    expect(await ask(0)).toEqual([ErrorCode.none, 0, 2]);
    expect(await ask(0, { currentLeaderEpoch: 0 })).toEqual([ErrorCode.none, 0, 2]);
    expect(await ask(1)).toEqual([ErrorCode.none, -1, -1]);
    expect(await ask(-1)).toEqual([ErrorCode.none, -1, -1]);
    expect(await ask(0, { currentLeaderEpoch: 1 })).toEqual([ErrorCode.unknownLeaderEpoch, -1, -1]);
    expect(await ask(0, { index: 1 })).toEqual([ErrorCode.unknownTopicOrPartition, -1, -1]);
    expect(await ask(0, { name: broker().name() })).toEqual([ErrorCode.unknownTopicOrPartition, -1, -1]);
  });

  test('no partition of a single broker needs another leader', async () => {
    const client = await broker().wire();
    const topic = await broker().newTopic();
    const elect = async (electionType: number, topics: { name: string; partitions: number[] }[] | null) => {
      const answer = await client.call(electLeadersApi, 2, { electionType, topics, timeoutMs: 10_000 });
      expect(answer.errorCode).toBe(ErrorCode.none);
      return answer.topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode));
    };
    const both = [{ name: topic, partitions: [0, 1] }];
    expect(await elect(Election.preferred, both)).toEqual([
      ErrorCode.electionNotNeeded,
      ErrorCode.unknownTopicOrPartition,
    ]);
    expect(await elect(Election.unclean, [{ name: broker().name(), partitions: [0] }])).toEqual([
      ErrorCode.unknownTopicOrPartition,
    ]);
    expect(await elect(Election.preferred, null)).toEqual([]);
  });

  test('the cluster is described as its metadata are, but no controllers', async () => {
    const client = await broker().wire();
    const { brokers, clusterId } = await client.call(metadataApi, 9, askForMetadata(broker().name()));
    const request = { includeAuthorizedOperations: false, endpointType: 1, includeFencedBrokers: false };
    const described = await client.call(describeClusterApi, 2, request);
    const [first] = brokers;
    expect(described).toMatchObject({ errorCode: ErrorCode.none, clusterId, brokers: [first] });
    expect(described.controllerId).toBe(first?.nodeId);
    const controllers = await client.call(describeClusterApi, 2, { ...request, endpointType: 2 });
    expect(controllers.errorCode).toBe(ErrorCode.mismatchedEndpointType);
  });

  test('without an authorizer everything is allowed, which is told to those who ask', async () => {
    const client = await broker().wire();
    const topic = await broker().newTopic();
    const asked = { includeClusterAuthorizedOperations: true, includeTopicAuthorizedOperations: true };
    const metadata = await client.call(metadataApi, 9, { ...askForMetadata(topic), ...asked });
    expect([metadata.authorizedOperations, metadata.topics[0]?.authorizedOperations]).toEqual([8_096, 3_576]);
    const cluster = { includeAuthorizedOperations: true, endpointType: 1, includeFencedBrokers: false };
    expect((await client.call(describeClusterApi, 2, cluster)).authorizedOperations).toBe(8_096);
    const operationsOf = async (includeAuthorizedOperations: boolean) => {
      const request = { groups: [broker().name('group')], includeAuthorizedOperations };
      return (await client.call(describeGroupsApi, 5, request)).groups[0]?.authorizedOperations;
    };
    expect(await operationsOf(true)).toBe(3_400);
    expect(await operationsOf(false)).toBe(notAsked);
  });

  test('the producers of a partition are shown with what they sent last', async () => {
    const client = await broker().wire();
    const topic = await broker().newTopic();
    const { producerId, producerEpoch } = await client.call(initProducerIdApi, 1, askForProducerId);
    await produce(client, topic, batchOfSize(3, { producerId, producerEpoch, baseSequence: 0 }));
    const topics = [{ name: topic, partitions: [0, 1] }];
    const described = await client.call(describeProducersApi, 0, { topics });
    const [here, missing] = described.topics[0]?.partitions ?? [];
    expect(here).toMatchObject({ errorCode: ErrorCode.none });
    expect(here?.producers).toMatchObject([
      { producerId, producerEpoch, lastSequence: 2, coordinatorEpoch: -1, transactionStartOffset: -1 },
    ]);
    expect(missing).toMatchObject({ errorCode: ErrorCode.unknownTopicOrPartition, producers: [] });
  });

  test('the folder of the data shows how large a partition is', async () => {
    const client = await broker().wire();
    const topic = await broker().newTopic(2);
    const batch = batchOfSize(2);
    await produce(client, topic, batch);
    const topics = [{ name: topic, partitions: [0, 1, 2] }];
    const partition = { offsetLag: 0, isFuture: false };
    const partitions = [
      { ...partition, index: 0, sizeBytes: batch.length },
      { ...partition, index: 1, sizeBytes: 0 },
    ];
    // Kafka may leave out a partition for a moment.
    const folder = await eventually(async () => {
      const { errorCode, results } = await client.call(describeLogDirsApi, 4, { topics });
      expect(errorCode).toBe(ErrorCode.none);
      expect(results).toHaveLength(1);
      const shown = results[0]?.topics.map(({ partitions: all }) => all.toSorted((a, b) => a.index - b.index));
      expect(shown).toEqual([partitions]);
      return results[0];
    });
    expect(folder?.usableBytes).toBeGreaterThan(0);
    expect(folder?.totalBytes).toBeGreaterThan(folder?.usableBytes ?? 0);
    const unknown = await client.call(describeLogDirsApi, 4, { topics: [{ name: broker().name(), partitions: [0] }] });
    expect(unknown.results[0]?.topics).toEqual([]);
  });

  test('transactions that nobody has begun are not there', async () => {
    const client = await broker().wire();
    const transactionalIds = [broker().name('transaction')];
    const { transactions } = await client.call(describeTransactionsApi, 0, { transactionalIds });
    expect(transactions).toMatchObject([{ errorCode: ErrorCode.transactionalIdNotFound }]);
    const filter = { producerIds: [2 ** 50], minDurationMs: -1, transactionalIdPattern: null };
    const listed = await client.call(listTransactionsApi, 1, { states: ['Ongoing', 'Odd'], ...filter });
    expect(listed).toMatchObject({ errorCode: ErrorCode.none, unknownStates: ['Odd'], transactions: [] });
  });
}
