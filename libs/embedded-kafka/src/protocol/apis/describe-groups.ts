import { defineApi } from '../api.js';
import { array, bytes, int16, int32, since, string, struct } from '../codec.js';

export const describeGroupsApi = defineApi({
  key: 15,
  name: 'DescribeGroups',
  maxVersion: 2,
  request: struct({ groups: array(string) }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    groups: array(
      struct({
        errorCode: int16,
        groupId: string,
        state: string,
        protocolType: string,
        protocol: string,
        members: array(
          struct({ memberId: string, clientId: string, clientHost: string, metadata: bytes, assignment: bytes }),
        ),
      }),
    ),
  }),
});
