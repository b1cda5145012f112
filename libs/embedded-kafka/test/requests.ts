import { fetchApi } from '../src/protocol/apis/fetch.js';
import { listOffsetsApi } from '../src/protocol/apis/list-offsets.js';
import { produceApi } from '../src/protocol/apis/produce.js';
import type { WireClient } from './wire-client.js';

export const askForVersions = { clientSoftwareName: 'wire-client', clientSoftwareVersion: '1' };
export const askForProducerId = { transactionalId: null, transactionTimeoutMs: 0, producerId: -1, producerEpoch: -1 };

export function askForMetadata(topic: string, allowAutoTopicCreation = false) {
  const operations = { includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false };
  return { topics: [{ name: topic }], allowAutoTopicCreation, ...operations };
}

interface OffsetCommit {
  readonly groupId: string;
  readonly topic: string;
  readonly offset: number;
  readonly memberId?: string;
  readonly generationId?: number;
}

/** Commits for partition 0; without a member as an administrator does. */
export function commitRequest({ groupId, topic, offset, memberId = '', generationId = -1 }: OffsetCommit) {
  const partitions = [{ index: 0, offset, committedLeaderEpoch: -1, commitTimestamp: -1, metadata: null }];
  const topics = [{ name: topic, partitions }];
  return { groupId, generationId, memberId, groupInstanceId: null, retentionTimeMs: -1, topics };
}

interface Produced {
  readonly errorCode: number;
  readonly baseOffset: number;
}

/** One batch to partition 0, with acks=-1 unless told otherwise. */
export async function produce(
  client: WireClient,
  topic: string,
  batch: Buffer,
  { acks = -1, version = 7 }: { readonly acks?: number; readonly version?: number } = {},
): Promise<Produced> {
  const { topics } = await client.call(produceApi, version, produceRequest(topic, batch, acks));
  const [answer] = topics[0]?.partitions ?? [];
  if (answer === undefined) throw new Error('Produce was answered without a partition');
  const { errorCode, baseOffset } = answer;
  return { errorCode, baseOffset };
}

export function produceRequest(topic: string, batch: Buffer, acks: number) {
  const topics = [{ name: topic, partitions: [{ index: 0, records: batch }] }];
  return { transactionalId: null, acks, timeoutMs: 30_000, topics };
}

export interface FetchOptions {
  readonly minBytes?: number;
  readonly maxWaitMs?: number;
  readonly maxBytes?: number;
  readonly isolationLevel?: number;
  readonly version?: number;
}

/** Partition 0 from an offset on. */
export async function fetch(client: WireClient, topic: string, fetchOffset: number, options: FetchOptions = {}) {
  const { minBytes = 1, maxWaitMs = 0, maxBytes = 1 << 20, isolationLevel = 0, version = 11 } = options;
  const wanted = { index: 0, currentLeaderEpoch: -1, fetchOffset, lastFetchedEpoch: -1, logStartOffset: -1, maxBytes };
  const topics = [{ name: topic, partitions: [wanted] }];
  const session = { sessionId: 0, sessionEpoch: -1, forgotten: [], rackId: '' };
  const limits = { maxWaitMs, minBytes, maxBytes: 50 << 20, isolationLevel };
  const response = await client.call(fetchApi, version, { replicaId: -1, ...limits, ...session, topics });
  const [answer] = response.topics[0]?.partitions ?? [];
  if (answer === undefined) throw new Error('Fetch was answered without a partition');
  return { ...answer, records: Buffer.concat(answer.records) };
}

export async function listOffset(client: WireClient, topic: string, timestamp: number) {
  const topics = [{ name: topic, partitions: [{ index: 0, currentLeaderEpoch: -1, timestamp, maxNumOffsets: 1 }] }];
  const response = await client.call(listOffsetsApi, 3, { replicaId: -1, isolationLevel: 0, topics, timeoutMs: 0 });
  const [answer] = response.topics[0]?.partitions ?? [];
  if (answer === undefined) throw new Error('ListOffsets was answered without a partition');
  return { errorCode: answer.errorCode, offset: answer.offset };
}
