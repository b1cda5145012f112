import { defineApi } from '../api.js';
import { array, int16, int32, int64, since, string, struct } from '../codec.js';

const replicas = array(
  struct({
    replicaId: int32,
    logEndOffset: int64,
    lastFetchTimestamp: since(1, int64, -1),
    lastCaughtUpTimestamp: since(1, int64, -1),
  }),
);

/** Who decides on the cluster's metadata. */
export const describeQuorumApi = defineApi({
  key: 55,
  name: 'DescribeQuorum',
  maxVersion: 1,
  flexibleFrom: 0,
  request: struct({ topics: array(struct({ name: string, partitions: array(struct({ index: int32 })) })) }),
  response: struct({
    errorCode: int16,
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            index: int32,
            errorCode: int16,
            leaderId: int32,
            leaderEpoch: int32,
            highWatermark: int64,
            voters: replicas,
            observers: replicas,
          }),
        ),
      }),
    ),
  }),
});
