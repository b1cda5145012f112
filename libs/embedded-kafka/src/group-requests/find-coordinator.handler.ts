import type { BrokerParts } from '../broker-parts.js';
import { findCoordinatorApi } from '../protocol/apis/find-coordinator.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';

/** Groups, and transactions: those are refused later, when a producer asks for its id. */
const keyTypes: readonly number[] = [0, 1];
const nobody = { nodeId: -1, host: '', port: -1 };

/** The only broker coordinates everything. */
export function findCoordinatorRoute({ node }: Pick<BrokerParts, 'node'>): Route {
  const coordinatorOf = (keyType: number) => {
    if (keyTypes.includes(keyType)) {
      const { id: nodeId, host, port } = node;
      return { errorCode: ErrorCode.none, errorMessage: 'NONE', nodeId, host, port };
    }
    const errorMessage = `There are no coordinators of type ${keyType}.`;
    return { errorCode: ErrorCode.invalidRequest, errorMessage, ...nobody };
  };
  return route(findCoordinatorApi, ({ keyType, keys }) => {
    const coordinator = coordinatorOf(keyType);
    return { throttleTimeMs: 0, ...coordinator, coordinators: keys.map((key) => ({ key, ...coordinator })) };
  });
}
