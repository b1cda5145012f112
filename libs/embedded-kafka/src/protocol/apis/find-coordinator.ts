import { defineApi } from '../api.js';
import { int16, int32, int8, nullableString, since, string, struct } from '../codec.js';

export const findCoordinatorApi = defineApi({
  key: 10,
  name: 'FindCoordinator',
  maxVersion: 3,
  flexibleFrom: 3,
  request: struct({ key: string, keyType: since(1, int8, 0) }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
    errorMessage: since(1, nullableString, null),
    nodeId: int32,
    host: string,
    port: int32,
  }),
});
