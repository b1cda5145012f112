import { defineApi } from '../api.js';
import { array, int16, int32, int64, string, struct } from '../codec.js';

export const deleteRecordsApi = defineApi({
  key: 21,
  name: 'DeleteRecords',
  maxVersion: 2,
  flexibleFrom: 2,
  request: struct({
    topics: array(struct({ name: string, partitions: array(struct({ index: int32, offset: int64 })) })),
    timeoutMs: int32,
  }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ index: int32, lowWatermark: int64, errorCode: int16 })),
      }),
    ),
  }),
});
