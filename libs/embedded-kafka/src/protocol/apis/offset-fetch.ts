import { defineApi } from '../api.js';
import { array, bool, int16, int32, int64, nullableArray, nullableString, since, string, struct } from '../codec.js';

export const offsetFetchApi = defineApi({
  key: 9,
  name: 'OffsetFetch',
  maxVersion: 7,
  flexibleFrom: 6,
  request: struct({
    groupId: string,
    topics: nullableArray(struct({ name: string, partitions: array(int32) })),
    requireStable: since(7, bool, false),
  }),
  response: struct({
    throttleTimeMs: since(3, int32, 0),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            index: int32,
            offset: int64,
            leaderEpoch: since(5, int32, -1),
            metadata: nullableString,
            errorCode: int16,
          }),
        ),
      }),
    ),
    errorCode: since(2, int16, 0),
  }),
});
