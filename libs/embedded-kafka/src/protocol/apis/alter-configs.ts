import { defineApi } from '../api.js';
import { array, bool, int16, int32, int8, nullableString, string, struct } from '../codec.js';

const response = struct({
  throttleTimeMs: int32,
  results: array(struct({ errorCode: int16, errorMessage: nullableString, type: int8, name: string })),
});

/** Replaces all settings of a resource. */
export const alterConfigsApi = defineApi({
  key: 33,
  name: 'AlterConfigs',
  maxVersion: 1,
  request: struct({
    resources: array(
      struct({ type: int8, name: string, configs: array(struct({ name: string, value: nullableString })) }),
    ),
    validateOnly: bool,
  }),
  response,
});
