import { ApiClient } from './api-client.js';
import { findTarget } from './config.js';

interface Given {
  readonly url?: string | undefined;
  readonly email?: string | undefined;
  readonly password?: string | undefined;
}

/** The API as an operator sees it: the account is the one that is given, or that of the environment. */
export async function signedIn(given: Given, usage: string): Promise<ApiClient> {
  const target = findTarget(given.url);
  const credentials = { email: given.email ?? target.email ?? '', password: given.password ?? target.password ?? '' };
  if (!credentials.email || !credentials.password)
    throw new Error(`As whom? Email and password of an account are missing\n\n${usage}`);
  const client = new ApiClient(target.url);
  await client.signInAs(credentials);
  return client;
}
