import { defineApi } from '../api.js';
import { array, int16, int32, since, string, struct } from '../codec.js';

/** A request of a later version is answered in the form of version 0 with error 35 (server/connection.ts). */
export const apiVersionsApi = defineApi({
  key: 18,
  name: 'ApiVersions',
  maxVersion: 4,
  flexibleFrom: 3,
  request: struct({ clientSoftwareName: since(3, string, ''), clientSoftwareVersion: since(3, string, '') }),
  response: struct({
    errorCode: int16,
    apiKeys: array(struct({ apiKey: int16, minVersion: int16, maxVersion: int16 })),
    throttleTimeMs: since(1, int32, 0),
  }),
});
