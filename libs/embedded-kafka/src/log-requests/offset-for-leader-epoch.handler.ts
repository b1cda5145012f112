import type { BrokerParts } from '../broker-parts.js';
import type { Partition } from '../log/partition.js';
import type { RequestOf } from '../protocol/api.js';
import { offsetForLeaderEpochApi } from '../protocol/apis/offset-for-leader-epoch.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';

type Wanted = RequestOf<typeof offsetForLeaderEpochApi>['topics'][number]['partitions'][number];

const leaderEpoch = 0;
const undefinedEpoch = -1;
const unknownEnd = { leaderEpoch: undefinedEpoch, endOffset: -1 };

/** Where the records of a leader's time end: consumers ask to find out whether what they have read is still there. */
export function offsetForLeaderEpochRoute({ topics }: Pick<BrokerParts, 'topics'>): Route {
  return route(offsetForLeaderEpochApi, (request) => ({
    throttleTimeMs: 0,
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((wanted) => answer(topics.partition(name, wanted.index), wanted)),
    })),
  }));
}

function answer(partition: Partition | undefined, wanted: Wanted) {
  const { index, currentLeaderEpoch } = wanted;
  if (partition === undefined) return { index, errorCode: ErrorCode.unknownTopicOrPartition, ...unknownEnd };
  if (currentLeaderEpoch > leaderEpoch) return { index, errorCode: ErrorCode.unknownLeaderEpoch, ...unknownEnd };
  // There is one leader for ever: all that is there is of its time, and other times have left nothing.
  const isKnown = wanted.leaderEpoch === leaderEpoch;
  const end = isKnown ? { leaderEpoch, endOffset: partition.highWatermark } : unknownEnd;
  return { index, errorCode: ErrorCode.none, ...end };
}
