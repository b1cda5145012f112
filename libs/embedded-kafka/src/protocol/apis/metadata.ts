import { defineApi } from '../api.js';
import { notAsked } from '../authorized-operations.js';
import { array, bool, int16, int32, nullableArray, nullableString, since, string, struct } from '../codec.js';

/** All topics are asked for by null from version 1 on, by an empty list in version 0. */
export const metadataApi = defineApi({
  key: 3,
  name: 'Metadata',
  maxVersion: 9,
  flexibleFrom: 9,
  request: struct({
    topics: nullableArray(struct({ name: string })),
    allowAutoTopicCreation: since(4, bool, true),
    includeClusterAuthorizedOperations: since(8, bool, false),
    includeTopicAuthorizedOperations: since(8, bool, false),
  }),
  response: struct({
    throttleTimeMs: since(3, int32, 0),
    brokers: array(struct({ nodeId: int32, host: string, port: int32, rack: since(1, nullableString, null) })),
    clusterId: since(2, nullableString, null),
    controllerId: since(1, int32, -1),
    topics: array(
      struct({
        errorCode: int16,
        name: string,
        isInternal: since(1, bool, false),
        partitions: array(
          struct({
            errorCode: int16,
            index: int32,
            leaderId: int32,
            leaderEpoch: since(7, int32, -1),
            replicas: array(int32),
            inSyncReplicas: array(int32),
            offlineReplicas: since(5, array(int32), []),
          }),
        ),
        authorizedOperations: since(8, int32, notAsked),
      }),
    ),
    authorizedOperations: since(8, int32, notAsked),
  }),
});
