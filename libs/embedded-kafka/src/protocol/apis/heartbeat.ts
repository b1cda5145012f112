import { defineApi } from '../api.js';
import { int16, int32, nullableString, since, string, struct } from '../codec.js';

export const heartbeatApi = defineApi({
  key: 12,
  name: 'Heartbeat',
  maxVersion: 4,
  flexibleFrom: 4,
  request: struct({
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(3, nullableString, null),
  }),
  response: struct({ throttleTimeMs: since(1, int32, 0), errorCode: int16 }),
});
