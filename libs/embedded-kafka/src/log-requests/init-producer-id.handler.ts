import type { BrokerParts } from '../broker-parts.js';
import { initProducerIdApi } from '../protocol/apis/init-producer-id.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';

/** Gives idempotent producers their id. Transactions are not offered. */
export function initProducerIdRoute({ topics, report }: Pick<BrokerParts, 'topics' | 'report'>): Route {
  const refused = (errorCode: number) => ({ throttleTimeMs: 0, errorCode, producerId: -1, producerEpoch: -1 });
  return route(initProducerIdApi, async ({ transactionalId }) => {
    if (transactionalId !== null) return refused(ErrorCode.transactionalIdAuthorizationFailed);
    try {
      const producerId = await topics.takeProducerId();
      return { throttleTimeMs: 0, errorCode: ErrorCode.none, producerId, producerEpoch: 0 };
    } catch (error) {
      report(error);
      return refused(ErrorCode.coordinatorNotAvailable);
    }
  });
}
