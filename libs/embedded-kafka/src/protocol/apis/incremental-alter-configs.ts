import { defineApi } from '../api.js';
import { array, bool, int8, nullableString, string, struct } from '../codec.js';
import { alterConfigsResponse } from './alter-configs.js';

/** Changes single settings of a resource (KIP-339). */
export const incrementalAlterConfigsApi = defineApi({
  key: 44,
  name: 'IncrementalAlterConfigs',
  maxVersion: 1,
  flexibleFrom: 1,
  request: struct({
    resources: array(
      struct({
        type: int8,
        name: string,
        configs: array(struct({ name: string, operation: int8, value: nullableString })),
      }),
    ),
    validateOnly: bool,
  }),
  response: alterConfigsResponse,
});
