import type { BrokerParts } from '../broker-parts.js';
import type { ProducerEntry } from '../log/producer-state.js';
import { describeProducersApi } from '../protocol/apis/describe-producers.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';

/** The idempotent producers that a partition remembers; none of them has a transaction. */
export function describeProducersRoute({ topics }: Pick<BrokerParts, 'topics'>): Route {
  return route(describeProducersApi, (request) => ({
    throttleTimeMs: 0,
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((index) => {
        const partition = topics.partition(name, index);
        const errorCode = partition === undefined ? ErrorCode.unknownTopicOrPartition : ErrorCode.none;
        const producers = [...(partition?.producers ?? [])].map(([id, entry]) => describe(id, entry));
        return { index, errorCode, errorMessage: null, producers };
      }),
    })),
  }));
}

function describe(producerId: number, { epoch, batches }: ProducerEntry) {
  const last = batches.at(-1);
  return {
    producerId,
    producerEpoch: epoch,
    lastSequence: last?.lastSequence ?? -1,
    lastTimestamp: last?.timestamp ?? -1,
    coordinatorEpoch: -1,
    transactionStartOffset: -1,
  };
}
