import { defineApi } from '../api.js';
import { notAsked } from '../authorized-operations.js';
import { array, bool, bytes, int16, int32, nullableString, since, string, struct } from '../codec.js';

export const describeGroupsApi = defineApi({
  key: 15,
  name: 'DescribeGroups',
  maxVersion: 6,
  flexibleFrom: 5,
  request: struct({ groups: array(string), includeAuthorizedOperations: since(3, bool, false) }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    groups: array(
      struct({
        errorCode: int16,
        errorMessage: since(6, nullableString, null),
        groupId: string,
        state: string,
        protocolType: string,
        protocol: string,
        members: array(
          struct({
            memberId: string,
            groupInstanceId: since(4, nullableString, null),
            clientId: string,
            clientHost: string,
            metadata: bytes,
            assignment: bytes,
          }),
        ),
        authorizedOperations: since(3, int32, notAsked),
      }),
    ),
  }),
});
