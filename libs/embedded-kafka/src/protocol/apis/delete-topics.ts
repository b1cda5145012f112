import { defineApi } from '../api.js';
import { array, int16, int32, noUuid, nullableString, since, string, struct, uuid, versions } from '../codec.js';

export const deleteTopicsApi = defineApi({
  key: 20,
  name: 'DeleteTopics',
  maxVersion: 6,
  flexibleFrom: 4,
  request: struct({
    topics: since(6, array(struct({ name: nullableString, topicId: uuid })), []),
    names: versions(0, 5, array(string), []),
    timeoutMs: int32,
  }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    topics: array(
      struct({
        name: nullableString,
        topicId: since(6, uuid, noUuid),
        errorCode: int16,
        errorMessage: since(5, nullableString, null),
      }),
    ),
  }),
});
