import { defineApi } from '../api.js';
import { array, int16, int32, int64, since, string, struct } from '../codec.js';

export const offsetForLeaderEpochApi = defineApi({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  maxVersion: 4,
  flexibleFrom: 4,
  request: struct({
    replicaId: since(3, int32, -2),
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ index: int32, currentLeaderEpoch: since(2, int32, -1), leaderEpoch: int32 })),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: since(2, int32, 0),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({ errorCode: int16, index: int32, leaderEpoch: since(1, int32, -1), endOffset: int64 }),
        ),
      }),
    ),
  }),
});
