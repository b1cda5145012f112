import { defineApi } from '../api.js';
import { int16, int32, int64, nullableString, since, struct } from '../codec.js';

export const initProducerIdApi = defineApi({
  key: 22,
  name: 'InitProducerId',
  maxVersion: 4,
  flexibleFrom: 2,
  request: struct({
    transactionalId: nullableString,
    transactionTimeoutMs: int32,
    producerId: since(3, int64, -1),
    producerEpoch: since(3, int16, -1),
  }),
  response: struct({ throttleTimeMs: int32, errorCode: int16, producerId: int64, producerEpoch: int16 }),
});
