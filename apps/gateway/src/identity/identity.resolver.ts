import {
  AwaitProfile,
  RefreshSession,
  SignIn,
  SignOut,
  SignUp,
  ViewerOfCaller,
  type InputOf,
  type OutputOf,
  type ProfileView,
  type SessionView,
  type ViewerView,
} from '#contracts';
import { ServiceError } from '#service-kit';
import type { RequestScope } from '../context/request-scope.js';
import type { ResolverMap, Root } from '../graphql/resolvers.js';

/** A viewer who signed in within this request asks by the new session, not by the request's header. */
export interface ViewerSource extends ViewerView {
  readonly signedInAs?: RequestScope;
}

/** In whose name a viewer's fields are asked for. */
export const scopeOf = (viewer: ViewerSource, scope: RequestScope): RequestScope => viewer.signedInAs ?? scope;

const PROFILE_WAIT_MS = 3_000;

async function signUp(_: Root, { input }: { input: InputOf<typeof SignUp> }, scope: RequestScope) {
  const result = await scope.command(SignUp, { ...input, clientAddress: scope.visitor.address });
  if (result.__typename !== 'Session') return result;
  const session = withScope(result, scope);
  const profile = await awaitedProfile(result.viewer.profileId, scope);
  if (profile) session.viewer.signedInAs.loaders.profiles.prime(profile.id, profile);
  return session;
}

/** The profile is made from an event: sign-up answers when it is there. Null when that takes too long. */
async function awaitedProfile(id: string, scope: RequestScope): Promise<ProfileView | null> {
  try {
    return await scope.call(AwaitProfile, { id, waitMs: PROFILE_WAIT_MS }, PROFILE_WAIT_MS + 500);
  } catch (error) {
    // The account is there in any case; the field says what is the matter when it is asked for.
    if (error instanceof ServiceError) return null;
    throw error;
  }
}

async function signIn(_: Root, { input }: { input: InputOf<typeof SignIn> }, scope: RequestScope) {
  return asSession(await scope.command(SignIn, { ...input, clientAddress: scope.visitor.address }), scope);
}

async function refreshSession(_: Root, { input }: { input: InputOf<typeof RefreshSession> }, scope: RequestScope) {
  return asSession(await scope.command(RefreshSession, input), scope);
}

const asSession = (result: OutputOf<typeof SignIn>, scope: RequestScope) =>
  result.__typename === 'Session' ? withScope(result, scope) : result;

const withScope = <Session extends SessionView>(session: Session, scope: RequestScope) => ({
  ...session,
  viewer: { ...session.viewer, signedInAs: scope.as(session.accessToken) },
});

export const identityResolvers: ResolverMap = {
  Query: {
    viewer: (_: Root, __: unknown, scope: RequestScope) =>
      scope.visitor.token ? scope.call(ViewerOfCaller, {}) : null,
  },
  Mutation: {
    signUp,
    signIn,
    refreshSession,
    signOut: (_: Root, __: unknown, scope: RequestScope) => scope.command(SignOut, {}),
  },
};
