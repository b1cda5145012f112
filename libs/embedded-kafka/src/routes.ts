import type { BrokerParts } from './broker-parts.js';
import { findCoordinatorRoute } from './group-requests/find-coordinator.handler.js';
import { deleteGroupsRoute, describeGroupsRoute, listGroupsRoute } from './group-requests/group-admin.handlers.js';
import {
  heartbeatRoute,
  joinGroupRoute,
  leaveGroupRoute,
  syncGroupRoute,
} from './group-requests/membership.handlers.js';
import { offsetCommitRoute } from './group-requests/offset-commit.handler.js';
import { offsetDeleteRoute } from './group-requests/offset-delete.handler.js';
import { offsetFetchRoute } from './group-requests/offset-fetch.handler.js';
import { alterReplicaLogDirsRoute } from './log-requests/alter-replica-log-dirs.handler.js';
import { deleteRecordsRoute } from './log-requests/delete-records.handler.js';
import { describeProducersRoute } from './log-requests/describe-producers.handler.js';
import { describeLogDirsRoute } from './log-requests/describe-log-dirs.handler.js';
import { fetchRoute } from './log-requests/fetch.handler.js';
import { initProducerIdRoute } from './log-requests/init-producer-id.handler.js';
import { listOffsetsRoute } from './log-requests/list-offsets.handler.js';
import { offsetForLeaderEpochRoute } from './log-requests/offset-for-leader-epoch.handler.js';
import { produceRoute } from './log-requests/produce.handler.js';
import { apiVersionsApi } from './protocol/apis/api-versions.js';
import { ErrorCode } from './protocol/error-code.js';
import { route, type Route } from './server/route.js';
import { aclRoutes } from './topic-requests/acls.handlers.js';
import { alterConfigsRoute, incrementalAlterConfigsRoute } from './topic-requests/alter-configs.handlers.js';
import { createPartitionsRoute } from './topic-requests/create-partitions.handler.js';
import { createTopicsRoute } from './topic-requests/create-topics.handler.js';
import { deleteTopicsRoute } from './topic-requests/delete-topics.handler.js';
import { describeClusterRoute } from './topic-requests/describe-cluster.handler.js';
import { describeConfigsRoute } from './topic-requests/describe-configs.handler.js';
import { describeQuorumRoute } from './topic-requests/describe-quorum.handler.js';
import { describeQuotasRoute, describeScramCredentialsRoute } from './topic-requests/describe-users.handlers.js';
import { electLeadersRoute } from './topic-requests/elect-leaders.handler.js';
import { describeTopicPartitionsRoute } from './topic-requests/describe-topic-partitions.handler.js';
import { listConfigResourcesRoute } from './topic-requests/list-config-resources.handler.js';
import { metadataRoute } from './topic-requests/metadata.handler.js';
import {
  alterPartitionReassignmentsRoute,
  listPartitionReassignmentsRoute,
} from './topic-requests/partition-reassignments.handlers.js';
import { transactionRoutes } from './topic-requests/transactions.handlers.js';

/** All that the broker answers, by API key. */
export function routesOf(parts: BrokerParts): ReadonlyMap<number, Route> {
  const routes = [
    produceRoute(parts),
    fetchRoute(parts),
    listOffsetsRoute(parts),
    metadataRoute(parts),
    offsetCommitRoute(parts),
    offsetFetchRoute(parts),
    findCoordinatorRoute(parts),
    joinGroupRoute(parts),
    heartbeatRoute(parts),
    leaveGroupRoute(parts),
    syncGroupRoute(parts),
    describeGroupsRoute(parts),
    listGroupsRoute(parts),
    createTopicsRoute(parts),
    deleteTopicsRoute(parts),
    deleteRecordsRoute(parts),
    initProducerIdRoute(parts),
    describeConfigsRoute(parts),
    alterConfigsRoute(parts),
    createPartitionsRoute(parts),
    deleteGroupsRoute(parts),
    incrementalAlterConfigsRoute(parts),
    alterPartitionReassignmentsRoute(parts),
    listPartitionReassignmentsRoute(),
    offsetDeleteRoute(parts),
    offsetForLeaderEpochRoute(parts),
    electLeadersRoute(parts),
    describeClusterRoute(parts),
    describeQuorumRoute(parts),
    describeQuotasRoute(),
    describeScramCredentialsRoute(),
    describeProducersRoute(parts),
    describeLogDirsRoute(parts),
    alterReplicaLogDirsRoute(parts),
    listConfigResourcesRoute(parts),
    describeTopicPartitionsRoute(parts),
    ...aclRoutes(),
    ...transactionRoutes(),
  ];
  const all = [...routes, apiVersionsRoute(routes)].toSorted((one, other) => one.key - other.key);
  return new Map(all.map((one) => [one.key, one]));
}

function apiVersionsRoute(others: readonly Route[]): Route {
  const apiKeys = [...others, apiVersionsApi]
    .toSorted((one, other) => one.key - other.key)
    .map(({ key: apiKey, minVersion, maxVersion }) => ({ apiKey, minVersion, maxVersion }));
  return route(apiVersionsApi, () => ({ errorCode: ErrorCode.none, apiKeys, throttleTimeMs: 0 }));
}
