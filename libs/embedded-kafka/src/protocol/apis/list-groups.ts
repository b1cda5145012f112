import { defineApi } from '../api.js';
import { array, int16, int32, since, string, struct } from '../codec.js';

export const listGroupsApi = defineApi({
  key: 16,
  name: 'ListGroups',
  maxVersion: 5,
  flexibleFrom: 3,
  request: struct({ states: since(4, array(string), []), types: since(5, array(string), []) }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
    groups: array(
      struct({
        groupId: string,
        protocolType: string,
        state: since(4, string, ''),
        type: since(5, string, ''),
      }),
    ),
  }),
});
