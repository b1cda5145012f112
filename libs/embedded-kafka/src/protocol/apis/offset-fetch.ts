import { defineApi } from '../api.js';
import { array, int16, int32, int64, nullableArray, nullableString, since, string, struct } from '../codec.js';

export const offsetFetchApi = defineApi({
  key: 9,
  name: 'OffsetFetch',
  maxVersion: 4,
  request: struct({
    groupId: string,
    topics: nullableArray(struct({ name: string, partitions: array(int32) })),
  }),
  response: struct({
    throttleTimeMs: since(3, int32, 0),
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ index: int32, offset: int64, metadata: nullableString, errorCode: int16 })),
      }),
    ),
    errorCode: since(2, int16, 0),
  }),
});
