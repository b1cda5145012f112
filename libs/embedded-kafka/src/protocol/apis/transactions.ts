import { defineApi } from '../api.js';
import { array, int16, int32, int64, nullableString, since, string, struct } from '../codec.js';

export const describeTransactionsApi = defineApi({
  key: 65,
  name: 'DescribeTransactions',
  maxVersion: 0,
  flexibleFrom: 0,
  request: struct({ transactionalIds: array(string) }),
  response: struct({
    throttleTimeMs: int32,
    transactions: array(
      struct({
        errorCode: int16,
        transactionalId: string,
        state: string,
        timeoutMs: int32,
        startTimeMs: int64,
        producerId: int64,
        producerEpoch: int16,
        topics: array(struct({ name: string, partitions: array(int32) })),
      }),
    ),
  }),
});

export const listTransactionsApi = defineApi({
  key: 66,
  name: 'ListTransactions',
  maxVersion: 2,
  flexibleFrom: 0,
  request: struct({
    states: array(string),
    producerIds: array(int64),
    minDurationMs: since(1, int64, -1),
    transactionalIdPattern: since(2, nullableString, null),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    unknownStates: array(string),
    transactions: array(struct({ transactionalId: string, producerId: int64, state: string })),
  }),
});
