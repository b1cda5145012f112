import { defineApi } from '../api.js';
import { array, bool, int16, int32, int8, nullableString, since, string, struct } from '../codec.js';

export const describeClusterApi = defineApi({
  key: 60,
  name: 'DescribeCluster',
  maxVersion: 2,
  flexibleFrom: 0,
  request: struct({
    includeAuthorizedOperations: bool,
    endpointType: since(1, int8, 1),
    includeFencedBrokers: since(2, bool, false),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    endpointType: since(1, int8, 1),
    clusterId: string,
    controllerId: int32,
    brokers: array(
      struct({ nodeId: int32, host: string, port: int32, rack: nullableString, isFenced: since(2, bool, false) }),
    ),
    authorizedOperations: int32,
  }),
});
