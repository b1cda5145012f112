import { defineApi } from '../api.js';
import { array, bool, int16, int32, nullableArray, nullableStruct, string, struct, uuid } from '../codec.js';

const cursor = nullableStruct({ topic: string, partition: int32 });

/** Topics with their partitions, page by page. */
export const describeTopicPartitionsApi = defineApi({
  key: 75,
  name: 'DescribeTopicPartitions',
  maxVersion: 0,
  flexibleFrom: 0,
  request: struct({ topics: array(struct({ name: string })), partitionLimit: int32, cursor }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(
      struct({
        errorCode: int16,
        name: string,
        topicId: uuid,
        isInternal: bool,
        partitions: array(
          struct({
            errorCode: int16,
            index: int32,
            leaderId: int32,
            leaderEpoch: int32,
            replicas: array(int32),
            inSyncReplicas: array(int32),
            eligibleLeaders: nullableArray(int32),
            lastKnownEligibleLeaders: nullableArray(int32),
            offlineReplicas: array(int32),
          }),
        ),
        authorizedOperations: int32,
      }),
    ),
    nextCursor: cursor,
  }),
});
