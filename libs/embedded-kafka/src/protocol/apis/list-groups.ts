import { defineApi } from '../api.js';
import { array, int16, int32, since, string, struct } from '../codec.js';

export const listGroupsApi = defineApi({
  key: 16,
  name: 'ListGroups',
  maxVersion: 2,
  request: struct({}),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
    groups: array(struct({ groupId: string, protocolType: string })),
  }),
});
