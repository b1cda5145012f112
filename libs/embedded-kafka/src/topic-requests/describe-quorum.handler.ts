import type { BrokerParts } from '../broker-parts.js';
import type { ResponseOf } from '../protocol/api.js';
import { describeQuorumApi } from '../protocol/apis/describe-quorum.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';

type Answer = ResponseOf<typeof describeQuorumApi>['topics'][number]['partitions'][number];

const metadataTopic = '__cluster_metadata';
const nobody = { leaderId: 0, leaderEpoch: 0, highWatermark: 0, voters: [], observers: [] };

/** The broker decides alone. What Kafka keeps in a log of its own stands here in the journal, counted in commits. */
export function describeQuorumRoute({ node, storage, clock }: Pick<BrokerParts, 'node' | 'storage' | 'clock'>): Route {
  const describe = (name: string, index: number): Answer => {
    if (name !== metadataTopic || index !== 0)
      return { index, errorCode: ErrorCode.unknownTopicOrPartition, ...nobody };
    const logEndOffset = storage.commitCount;
    const now = clock.now();
    const self = { replicaId: node.id, logEndOffset, lastFetchTimestamp: now, lastCaughtUpTimestamp: now };
    const led = { leaderId: node.id, leaderEpoch: 0, highWatermark: logEndOffset };
    return { index, errorCode: ErrorCode.none, ...led, voters: [self], observers: [] };
  };
  return route(describeQuorumApi, ({ topics }) => ({
    errorCode: ErrorCode.none,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index }) => describe(name, index)),
    })),
  }));
}
