import type { BrokerParts } from '../broker-parts.js';
import {
  alterPartitionReassignmentsApi,
  listPartitionReassignmentsApi,
} from '../protocol/apis/partition-reassignments.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { accepted, refused, type Verdict } from './refusal.js';

type Parts = Pick<BrokerParts, 'topics' | 'node'>;

/** With one broker there is nothing to move: what is asked for is there already, or cannot be. */
export function alterPartitionReassignmentsRoute(parts: Parts): Route {
  return route(alterPartitionReassignmentsApi, ({ topics }) => ({
    throttleTimeMs: 0,
    ...accepted,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index, replicas }) => ({ index, ...judge(parts, name, index, replicas) })),
    })),
  }));
}

function judge({ topics, node }: Parts, name: string, index: number, replicas: readonly number[] | null): Verdict {
  if (topics.partition(name, index) === undefined)
    return refused(ErrorCode.unknownTopicOrPartition, 'This server does not host this topic-partition.');
  if (replicas === null)
    return refused(ErrorCode.noReassignmentInProgress, 'No partition reassignment is in progress.');
  const isHere = replicas.length === 1 && replicas[0] === node.id;
  return isHere ? accepted : refused(ErrorCode.invalidReplicaAssignment, `Broker ${node.id} is the only one.`);
}

export function listPartitionReassignmentsRoute(): Route {
  return route(listPartitionReassignmentsApi, () => ({ throttleTimeMs: 0, ...accepted, topics: [] }));
}
