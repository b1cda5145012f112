import { defineApi } from '../api.js';
import { array, int16, int32, string, struct } from '../codec.js';

export const deleteGroupsApi = defineApi({
  key: 42,
  name: 'DeleteGroups',
  maxVersion: 2,
  flexibleFrom: 2,
  request: struct({ groups: array(string) }),
  response: struct({ throttleTimeMs: int32, groups: array(struct({ groupId: string, errorCode: int16 })) }),
});
