import { createAclsApi, deleteAclsApi, describeAclsApi } from '../protocol/apis/acls.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { refused } from './refusal.js';

/** There is nobody to keep out on a loopback broker: as on a Kafka without authorizer, rules are neither kept nor shown. */
const noAuthorizer = refused(ErrorCode.securityDisabled, 'No Authorizer is configured.');

export function aclRoutes(): Route[] {
  return [
    route(describeAclsApi, () => ({ throttleTimeMs: 0, ...noAuthorizer, resources: [] })),
    route(createAclsApi, ({ creations }) => ({ throttleTimeMs: 0, results: creations.map(() => noAuthorizer) })),
    route(deleteAclsApi, ({ filters }) => ({
      throttleTimeMs: 0,
      results: filters.map(() => ({ ...noAuthorizer, matching: [] })),
    })),
  ];
}
