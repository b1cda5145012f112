import { defineApi } from '../api.js';
import { array, int16, int32, int64, nullableString, string, struct } from '../codec.js';

export const describeProducersApi = defineApi({
  key: 61,
  name: 'DescribeProducers',
  maxVersion: 0,
  flexibleFrom: 0,
  request: struct({ topics: array(struct({ name: string, partitions: array(int32) })) }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            index: int32,
            errorCode: int16,
            errorMessage: nullableString,
            producers: array(
              struct({
                producerId: int64,
                producerEpoch: int32,
                lastSequence: int32,
                lastTimestamp: int64,
                coordinatorEpoch: int32,
                transactionStartOffset: int64,
              }),
            ),
          }),
        ),
      }),
    ),
  }),
});
