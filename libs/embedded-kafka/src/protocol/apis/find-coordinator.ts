import { defineApi } from '../api.js';
import { array, int16, int32, int8, nullableString, since, string, struct, versions } from '../codec.js';

/** Up to version 3 for one key, from 4 on for several. */
export const findCoordinatorApi = defineApi({
  key: 10,
  name: 'FindCoordinator',
  maxVersion: 4,
  flexibleFrom: 3,
  request: struct({
    key: versions(0, 3, string, ''),
    keyType: since(1, int8, 0),
    keys: since(4, array(string), []),
  }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    errorCode: versions(0, 3, int16, 0),
    errorMessage: versions(1, 3, nullableString, null),
    nodeId: versions(0, 3, int32, -1),
    host: versions(0, 3, string, ''),
    port: versions(0, 3, int32, -1),
    coordinators: since(
      4,
      array(
        struct({
          key: string,
          nodeId: int32,
          host: string,
          port: int32,
          errorCode: int16,
          errorMessage: nullableString,
        }),
      ),
      [],
    ),
  }),
});
