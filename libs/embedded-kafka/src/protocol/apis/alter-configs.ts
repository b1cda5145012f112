import { defineApi } from '../api.js';
import { array, bool, int16, int32, int8, nullableString, string, struct } from '../codec.js';

/** What AlterConfigs and IncrementalAlterConfigs answer. */
export const alterConfigsResponse = struct({
  throttleTimeMs: int32,
  results: array(struct({ errorCode: int16, errorMessage: nullableString, type: int8, name: string })),
});

/** Replaces all settings of a resource. */
export const alterConfigsApi = defineApi({
  key: 33,
  name: 'AlterConfigs',
  maxVersion: 2,
  flexibleFrom: 2,
  request: struct({
    resources: array(
      struct({ type: int8, name: string, configs: array(struct({ name: string, value: nullableString })) }),
    ),
    validateOnly: bool,
  }),
  response: alterConfigsResponse,
});
