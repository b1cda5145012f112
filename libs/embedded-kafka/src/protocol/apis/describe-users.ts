import { defineApi } from '../api.js';
import { array, bool, float64, int16, int32, int8, nullableArray, nullableString, string, struct } from '../codec.js';

const outcome = { errorCode: int16, errorMessage: nullableString };

/** A null list of entries stands beside an error. */
export const describeClientQuotasApi = defineApi({
  key: 48,
  name: 'DescribeClientQuotas',
  maxVersion: 1,
  flexibleFrom: 1,
  request: struct({
    components: array(struct({ entityType: string, matchType: int8, match: nullableString })),
    strict: bool,
  }),
  response: struct({
    throttleTimeMs: int32,
    ...outcome,
    entries: nullableArray(
      struct({
        entity: array(struct({ entityType: string, entityName: nullableString })),
        values: array(struct({ key: string, value: float64 })),
      }),
    ),
  }),
});

/** Null or no names ask for all users. */
export const describeUserScramCredentialsApi = defineApi({
  key: 50,
  name: 'DescribeUserScramCredentials',
  maxVersion: 0,
  flexibleFrom: 0,
  request: struct({ users: nullableArray(struct({ name: string })) }),
  response: struct({
    throttleTimeMs: int32,
    ...outcome,
    results: array(
      struct({ user: string, ...outcome, credentials: array(struct({ mechanism: int8, iterations: int32 })) }),
    ),
  }),
});
