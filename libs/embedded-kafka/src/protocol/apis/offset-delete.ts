import { defineApi } from '../api.js';
import { array, int16, int32, string, struct } from '../codec.js';

export const offsetDeleteApi = defineApi({
  key: 47,
  name: 'OffsetDelete',
  maxVersion: 0,
  request: struct({
    groupId: string,
    topics: array(struct({ name: string, partitions: array(struct({ index: int32 })) })),
  }),
  response: struct({
    errorCode: int16,
    throttleTimeMs: int32,
    topics: array(struct({ name: string, partitions: array(struct({ index: int32, errorCode: int16 })) })),
  }),
});
