import { defineApi } from '../api.js';
import { array, int16, int32, int64, int8, since, string, struct, versions } from '../codec.js';

export const listOffsetsApi = defineApi({
  key: 2,
  name: 'ListOffsets',
  maxVersion: 10,
  flexibleFrom: 6,
  request: struct({
    replicaId: int32,
    isolationLevel: since(2, int8, 0),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            index: int32,
            currentLeaderEpoch: since(4, int32, -1),
            timestamp: int64,
            maxNumOffsets: versions(0, 0, int32, 1),
          }),
        ),
      }),
    ),
    timeoutMs: since(10, int32, 0),
  }),
  response: struct({
    throttleTimeMs: since(2, int32, 0),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            index: int32,
            errorCode: int16,
            oldStyleOffsets: versions(0, 0, array(int64), []),
            timestamp: since(1, int64, -1),
            offset: since(1, int64, -1),
            leaderEpoch: since(4, int32, -1),
          }),
        ),
      }),
    ),
  }),
});
