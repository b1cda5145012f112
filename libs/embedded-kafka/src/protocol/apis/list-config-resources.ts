import { defineApi } from '../api.js';
import { array, int16, int32, int8, since, string, struct } from '../codec.js';

/** In version 0 it was about metrics of clients only. */
export const clientMetricsResource = 16;

export const listConfigResourcesApi = defineApi({
  key: 74,
  name: 'ListConfigResources',
  maxVersion: 1,
  flexibleFrom: 0,
  request: struct({ types: since(1, array(int8), [clientMetricsResource]) }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    resources: array(struct({ name: string, type: since(1, int8, clientMetricsResource) })),
  }),
});
