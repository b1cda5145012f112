import { defineApi } from '../api.js';
import { array, int16, int32, int64, nullableString, since, string, struct, versions } from '../codec.js';

export const offsetCommitApi = defineApi({
  key: 8,
  name: 'OffsetCommit',
  maxVersion: 8,
  flexibleFrom: 8,
  request: struct({
    groupId: string,
    generationId: since(1, int32, -1),
    memberId: since(1, string, ''),
    groupInstanceId: since(7, nullableString, null),
    retentionTimeMs: versions(2, 4, int64, -1),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            index: int32,
            offset: int64,
            committedLeaderEpoch: since(6, int32, -1),
            commitTimestamp: versions(1, 1, int64, -1),
            metadata: nullableString,
          }),
        ),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: since(3, int32, 0),
    topics: array(struct({ name: string, partitions: array(struct({ index: int32, errorCode: int16 })) })),
  }),
});
