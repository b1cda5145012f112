import { defineApi } from '../api.js';
import {
  array,
  bool,
  int16,
  int32,
  int8,
  noUuid,
  nullableArray,
  nullableString,
  since,
  string,
  struct,
  uuid,
} from '../codec.js';

const setting = struct({
  name: string,
  value: nullableString,
  readOnly: bool,
  source: int8,
  isSensitive: bool,
});

export const createTopicsApi = defineApi({
  key: 19,
  name: 'CreateTopics',
  maxVersion: 7,
  flexibleFrom: 5,
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
    topics: array(
      struct({
        name: string,
        topicId: since(7, uuid, noUuid),
        errorCode: int16,
        errorMessage: since(1, nullableString, null),
        partitionCount: since(5, int32, -1),
        replicationFactor: since(5, int16, -1),
        configs: since(5, nullableArray(setting), null),
      }),
    ),
  }),
});
