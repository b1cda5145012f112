import type { BrokerParts } from '../broker-parts.js';
import { describeClusterApi } from '../protocol/apis/describe-cluster.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { clusterOperations } from '../protocol/authorized-operations.js';
import { accepted, refused } from './refusal.js';

const brokers = 1;

/** The cluster as brokers see it; its controllers are nothing that clients could talk to. */
export function describeClusterRoute({ topics, node }: Pick<BrokerParts, 'topics' | 'node'>): Route {
  return route(describeClusterApi, ({ endpointType, includeAuthorizedOperations }) => {
    const isAnswered = endpointType === brokers;
    const verdict = isAnswered
      ? accepted
      : refused(ErrorCode.mismatchedEndpointType, 'The request was sent to an endpoint of the wrong type.');
    const { id: nodeId, host, port } = node;
    return {
      throttleTimeMs: 0,
      ...verdict,
      endpointType: brokers,
      clusterId: isAnswered ? topics.clusterId : '',
      controllerId: isAnswered ? nodeId : -1,
      brokers: isAnswered ? [{ nodeId, host, port, rack: null, isFenced: false }] : [],
      authorizedOperations: clusterOperations(includeAuthorizedOperations),
    };
  });
}
