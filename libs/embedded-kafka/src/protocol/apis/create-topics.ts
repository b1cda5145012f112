import { defineApi } from '../api.js';
import { array, bool, int16, int32, nullableString, since, string, struct } from '../codec.js';

export const createTopicsApi = defineApi({
  key: 19,
  name: 'CreateTopics',
  maxVersion: 4,
  request: struct({
    topics: array(
      struct({
        name: string,
        partitionCount: int32,
        replicationFactor: int16,
        assignments: array(struct({ partition: int32, brokerIds: array(int32) })),
        configs: array(struct({ name: string, value: nullableString })),
      }),
    ),
    timeoutMs: int32,
    validateOnly: since(1, bool, false),
  }),
  response: struct({
    throttleTimeMs: since(2, int32, 0),
    topics: array(struct({ name: string, errorCode: int16, errorMessage: since(1, nullableString, null) })),
  }),
});
