import { randomUUID } from 'node:crypto';
import { Api } from './api.js';

/** Somebody who is signed in. */
export interface Person {
  readonly api: Api;
  readonly name: string;
  readonly handle: string;
  readonly profileId: string;
  readonly accountId: string;
}

interface SignedUp {
  readonly accessToken: string;
  readonly viewer: { readonly id: string; readonly profile: { readonly id: string; readonly handle: string } };
}

export const PASSWORD = 'correct horse battery staple';

/** Signs a person up; two of the same name are two people. */
export async function signUp(api: Api, name: string): Promise<Person> {
  const unique = randomUUID().replaceAll('-', '').slice(0, 10);
  const handle = `${name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}${unique}`;
  const session = await api.run<SignedUp>(
    'signUp',
    { email: `${handle}@example.com`, password: PASSWORD, name, handle },
    '... on Session { accessToken viewer { id profile { id handle } } }',
  );
  if (session.__typename !== 'Session') throw new Error(JSON.stringify(session));
  const { accessToken, viewer } = session;
  return {
    api: api.as(accessToken),
    name,
    handle: viewer.profile.handle,
    profileId: viewer.profile.id,
    accountId: viewer.id,
  };
}

/** The same person with a fresh access token. */
export async function signInAgain(person: Person): Promise<Person> {
  const input = { email: `${person.handle}@example.com`, password: PASSWORD };
  const session = await person.api.run<SignedUp>('signIn', input, '... on Session { accessToken }');
  if (session.__typename !== 'Session') throw new Error(JSON.stringify(session));
  return { ...person, api: person.api.as(session.accessToken) };
}
