import { describeClientQuotasApi, describeUserScramCredentialsApi } from '../protocol/apis/describe-users.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { accepted, refused } from './refusal.js';

/** Nothing sets quotas here, so nobody has any. */
export function describeQuotasRoute(): Route {
  return route(describeClientQuotasApi, () => ({ throttleTimeMs: 0, ...accepted, entries: [] }));
}

/** Nobody can have a password where nobody logs in. */
export function describeScramCredentialsRoute(): Route {
  return route(describeUserScramCredentialsApi, ({ users }) => ({
    throttleTimeMs: 0,
    ...accepted,
    results: (users ?? []).map(({ name: user }) => {
      const unknown = refused(ErrorCode.resourceNotFound, `There are no credentials of the user ${user}.`);
      return { user, ...unknown, credentials: [] };
    }),
  }));
}
