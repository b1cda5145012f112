import type { BrokerParts } from '../broker-parts.js';
import type { Partition } from '../log/partition.js';
import type { RequestOf, ResponseOf } from '../protocol/api.js';
import { describeTopicPartitionsApi } from '../protocol/apis/describe-topic-partitions.js';
import { notAsked, topicOperations } from '../protocol/authorized-operations.js';
import { noUuid } from '../protocol/codec.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { isTopicName } from '../topics/topic-name.js';

type Parts = Pick<BrokerParts, 'topics' | 'node'>;
type Cursor = RequestOf<typeof describeTopicPartitionsApi>['cursor'];
type Answer = ResponseOf<typeof describeTopicPartitionsApi>['topics'][number];

/** Kafka's max.request.partition.size.limit. */
const mostPartitions = 2000;

/** The named topics, or all, in the order of their names; from the cursor on, until a page is full. */
export function describeTopicPartitionsRoute({ topics, node }: Parts): Route {
  return route(describeTopicPartitionsApi, ({ topics: wanted, partitionLimit, cursor }) => {
    const names = new Set((wanted.length === 0 ? topics.all() : wanted).map(({ name }) => name));
    const answers: Answer[] = [];
    let left = Math.max(1, Math.min(partitionLimit, mostPartitions));
    for (const name of [...names].toSorted().filter((one) => cursor === null || one >= cursor.topic)) {
      const all = topics.get(name)?.partitions;
      const first = name === cursor?.topic ? Math.max(0, cursor.partition) : 0;
      if (all !== undefined && left === 0) return pageOf(answers, { topic: name, partition: first });
      const shown = all?.slice(first, first + left) ?? [];
      answers.push(all === undefined ? missing(name) : found(name, shown, node.id));
      left -= shown.length;
      const next = first + shown.length;
      if (all !== undefined && next < all.length) return pageOf(answers, { topic: name, partition: next });
    }
    return pageOf(answers, null);
  });
}

const pageOf = (topics: readonly Answer[], nextCursor: Cursor) => ({ throttleTimeMs: 0, topics, nextCursor });
const always = { topicId: noUuid, isInternal: false };

function missing(name: string): Answer {
  const errorCode = isTopicName(name) ? ErrorCode.unknownTopicOrPartition : ErrorCode.invalidTopic;
  return { ...always, errorCode, name, partitions: [], authorizedOperations: notAsked };
}

function found(name: string, partitions: readonly Partition[], leaderId: number): Answer {
  const shown = partitions.map((partition) => led(partition, leaderId));
  return { ...always, errorCode: ErrorCode.none, name, partitions: shown, authorizedOperations: topicOperations(true) };
}

function led({ index }: Partition, leaderId: number): Answer['partitions'][number] {
  const [errorCode, leaderEpoch, here] = [ErrorCode.none, 0, [leaderId]];
  const leaders = { eligibleLeaders: [], lastKnownEligibleLeaders: [] };
  return {
    errorCode,
    index,
    leaderId,
    leaderEpoch,
    replicas: here,
    inSyncReplicas: here,
    ...leaders,
    offlineReplicas: [],
  };
}
