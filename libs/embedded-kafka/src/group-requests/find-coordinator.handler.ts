import type { BrokerParts } from '../broker-parts.js';
import { findCoordinatorApi } from '../protocol/apis/find-coordinator.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';

const groupKey = 0;
const nobody = { nodeId: -1, host: '', port: -1 };

/** The only broker coordinates every group; transactions have no coordinator. */
export function findCoordinatorRoute({ node }: Pick<BrokerParts, 'node'>): Route {
  return route(findCoordinatorApi, ({ keyType }) => {
    if (keyType === groupKey) {
      const { id: nodeId, host, port } = node;
      return { throttleTimeMs: 0, errorCode: ErrorCode.none, errorMessage: null, nodeId, host, port };
    }
    const errorMessage = 'The embedded broker has no transactions.';
    return { throttleTimeMs: 0, errorCode: ErrorCode.transactionalIdAuthorizationFailed, errorMessage, ...nobody };
  });
}
