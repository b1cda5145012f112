import { z } from 'zod';
import { AccountView, JsonWebKeySetView, SessionView, ViewerView } from './identity.views.js';
import { NamedId } from './ids.js';
import { ClientMutationKey, defineCommand, defineQuery } from './operation.js';
import { EmailTaken, HandleTaken, InvalidInput, resultOf, WrongCredentials } from './user-errors.js';

/** The address of the client as the gateway sees it; sign-in is limited for each. */
const ClientAddress = z.string().max(100).nullish();

export const PersonHandle = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?$/,
    'has other characters than a-z, 0-9 and inner dashes, or is longer than 30',
  );

export const SignUp = defineCommand({
  name: 'identity.signUp',
  access: 'anyone',
  description:
    'Opens an account and signs in. Without a handle one is made from the name. Repeated with the same clientMutationKey, email and password it signs in to the account that it made.',
  input: z.object({
    clientMutationKey: ClientMutationKey,
    email: z.string().trim().toLowerCase().max(254, 'is longer than 254').pipe(z.email('is not an email address')),
    password: z.string().min(8, 'is shorter than 8 characters').max(128, 'is longer than 128 characters'),
    name: z.string().trim().min(1, 'is empty').max(120, 'is longer than 120 characters'),
    handle: PersonHandle.nullish(),
    clientAddress: ClientAddress,
  }),
  output: z.discriminatedUnion('__typename', [resultOf('Session', SessionView), EmailTaken, HandleTaken, InvalidInput]),
});
export const SignIn = defineCommand({
  name: 'identity.signIn',
  access: 'anyone',
  description: 'Signs in by email and password. Too many tries for an email or from an address: RATE_LIMITED.',
  input: z.object({ email: z.string().max(1000), password: z.string().max(1000), clientAddress: ClientAddress }),
  output: z.discriminatedUnion('__typename', [resultOf('Session', SessionView), WrongCredentials]),
});
export const RefreshSession = defineCommand({
  name: 'identity.refreshSession',
  access: 'anyone',
  description: 'Changes a refresh token for a new access token and a new refresh token; the old one is used up.',
  input: z.object({ refreshToken: z.string().max(1000) }),
  output: z.discriminatedUnion('__typename', [resultOf('Session', SessionView), WrongCredentials]),
});
export const SignOut = defineCommand({
  name: 'identity.signOut',
  access: 'signed-in',
  description: "Ends the caller's session: its refresh token is no longer good. The access token runs out by itself.",
  input: z.object({}),
  output: z.object({ signedOut: z.boolean() }),
});
export const Jwks = defineQuery({
  name: 'identity.jwks',
  access: 'anyone',
  description: 'The public keys that access tokens are signed with, the newest first.',
  input: z.object({}),
  output: JsonWebKeySetView,
});
export const ViewerOfCaller = defineQuery({
  name: 'identity.viewer',
  access: 'signed-in',
  description: "The caller's account.",
  input: z.object({}),
  output: ViewerView,
});
export const AccountsByIds = defineQuery({
  name: 'identity.accountsByIds',
  access: 'signed-in',
  description: 'The accounts that exist of these ids, in any order, as everybody may see them.',
  input: z.object({ ids: z.array(NamedId).max(500) }),
  output: z.array(AccountView),
});
