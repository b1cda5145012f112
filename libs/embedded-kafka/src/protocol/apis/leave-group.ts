import { defineApi } from '../api.js';
import { array, int16, int32, nullableString, since, string, struct, versions } from '../codec.js';

export const leaveGroupApi = defineApi({
  key: 13,
  name: 'LeaveGroup',
  maxVersion: 5,
  flexibleFrom: 4,
  request: struct({
    groupId: string,
    memberId: versions(0, 2, string, ''),
    members: since(
      3,
      array(struct({ memberId: string, groupInstanceId: nullableString, reason: since(5, nullableString, null) })),
      [],
    ),
  }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
    members: since(3, array(struct({ memberId: string, groupInstanceId: nullableString, errorCode: int16 })), []),
  }),
});
