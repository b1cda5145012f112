import { defineApi } from '../api.js';
import { array, int16, int32, int8, nullableArray, nullableString, since, string, struct } from '../codec.js';

export const electLeadersApi = defineApi({
  key: 43,
  name: 'ElectLeaders',
  maxVersion: 2,
  flexibleFrom: 2,
  request: struct({
    electionType: since(1, int8, 0),
    topics: nullableArray(struct({ name: string, partitions: array(int32) })),
    timeoutMs: int32,
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: since(1, int16, 0),
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ index: int32, errorCode: int16, errorMessage: nullableString })),
      }),
    ),
  }),
});
