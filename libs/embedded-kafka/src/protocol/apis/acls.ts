import { defineApi } from '../api.js';
import { array, int16, int32, int8, nullableString, since, string, struct } from '../codec.js';

const filter = struct({
  resourceType: int8,
  resourceName: nullableString,
  patternType: since(1, int8, 3),
  principal: nullableString,
  host: nullableString,
  operation: int8,
  permission: int8,
});
const outcome = { errorCode: int16, errorMessage: nullableString };
const rule = { principal: string, host: string, operation: int8, permission: int8 };
const resource = { resourceType: int8, resourceName: string, patternType: since(1, int8, 3) };

export const describeAclsApi = defineApi({
  key: 29,
  name: 'DescribeAcls',
  maxVersion: 3,
  flexibleFrom: 2,
  request: filter,
  response: struct({
    throttleTimeMs: int32,
    ...outcome,
    resources: array(struct({ ...resource, acls: array(struct(rule)) })),
  }),
});

export const createAclsApi = defineApi({
  key: 30,
  name: 'CreateAcls',
  maxVersion: 3,
  flexibleFrom: 2,
  request: struct({ creations: array(struct({ ...resource, ...rule })) }),
  response: struct({ throttleTimeMs: int32, results: array(struct(outcome)) }),
});

export const deleteAclsApi = defineApi({
  key: 31,
  name: 'DeleteAcls',
  maxVersion: 3,
  flexibleFrom: 2,
  request: struct({ filters: array(filter) }),
  response: struct({
    throttleTimeMs: int32,
    results: array(struct({ ...outcome, matching: array(struct({ ...outcome, ...resource, ...rule })) })),
  }),
});
