import { defineApi } from '../api.js';
import { array, int16, int32, nullableString, since, string, struct } from '../codec.js';

export const deleteTopicsApi = defineApi({
  key: 20,
  name: 'DeleteTopics',
  maxVersion: 5,
  flexibleFrom: 4,
  request: struct({ names: array(string), timeoutMs: int32 }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    topics: array(struct({ name: string, errorCode: int16, errorMessage: since(5, nullableString, null) })),
  }),
});
