import { defineApi } from '../api.js';
import { array, bool, int16, int32, nullableArray, nullableString, string, struct } from '../codec.js';

export const createPartitionsApi = defineApi({
  key: 37,
  name: 'CreatePartitions',
  maxVersion: 3,
  flexibleFrom: 2,
  request: struct({
    topics: array(
      struct({ name: string, count: int32, assignments: nullableArray(struct({ brokerIds: array(int32) })) }),
    ),
    timeoutMs: int32,
    validateOnly: bool,
  }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(struct({ name: string, errorCode: int16, errorMessage: nullableString })),
  }),
});
