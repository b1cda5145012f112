import { defineApi } from '../api.js';
import { array, int16, int32, nullableArray, nullableString, string, struct } from '../codec.js';

export const alterPartitionReassignmentsApi = defineApi({
  key: 45,
  name: 'AlterPartitionReassignments',
  maxVersion: 0,
  flexibleFrom: 0,
  request: struct({
    timeoutMs: int32,
    topics: array(
      struct({ name: string, partitions: array(struct({ index: int32, replicas: nullableArray(int32) })) }),
    ),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ index: int32, errorCode: int16, errorMessage: nullableString })),
      }),
    ),
  }),
});

export const listPartitionReassignmentsApi = defineApi({
  key: 46,
  name: 'ListPartitionReassignments',
  maxVersion: 0,
  flexibleFrom: 0,
  request: struct({
    timeoutMs: int32,
    topics: nullableArray(struct({ name: string, partitions: array(int32) })),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({ index: int32, replicas: array(int32), adding: array(int32), removing: array(int32) }),
        ),
      }),
    ),
  }),
});
