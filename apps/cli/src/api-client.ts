import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { ApiMutation, ApiQuery } from './api-operation.js';
import { ApiError, RefusedError, SignInError } from './api.errors.js';
import { RefreshSession, SignIn, SignUp, type SessionRead } from './mutations.js';
import { OwnProfile } from './queries.js';

export interface Credentials {
  email: string;
  password: string;
}
export interface NewPerson extends Credentials {
  name: string;
  handle?: string;
}
/** Who is signed in. */
export interface SignedIn {
  readonly accountId: string;
  readonly profileId: string;
  readonly handle: string;
}

const UNANSWERED: ReadonlySet<string> = new Set(['SERVICE_UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL', 'NO_ANSWER']);
const RETRY_DELAYS_MS = [200, 1_000, 3_000, 5_000];
const PROFILE_TRIES = 50;
const PROFILE_RETRY_MS = 200;

const Answer = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }).optional() })).optional(),
});
const Typed = z.object({ __typename: z.string() });
const Failure = z.object({
  code: z.string(),
  message: z.string(),
  fields: z.array(z.object({ path: z.array(z.string()), problem: z.string() })).optional(),
});

/**
 * One person's way to the GraphQL API, over HTTP as any client would. Renews the session when the access token has
 * expired. A request that got no answer is repeated, so mutations carry a clientMutationKey.
 */
export class ApiClient {
  private session: SessionRead | undefined;
  private credentials: Credentials | undefined;
  private renewal: Promise<void> | undefined;

  constructor(readonly url: string) {}

  get accessToken(): string | undefined {
    return this.session?.accessToken;
  }

  /** Errors: ApiError. Fields that a service could not answer come as null without one. */
  async ask<Output>(query: ApiQuery<Output>, variables: Record<string, unknown> = {}): Promise<Output> {
    return this.persistently(() => this.renewing(() => this.post(query, variables)));
  }

  /** What the mutation made. Errors: RefusedError, when it answered with a user error; ApiError. */
  async mutate<Output>(mutation: ApiMutation<Output>, input: object): Promise<Output> {
    return this.persistently(() => this.renewing(() => this.postMutation(mutation, input)));
  }

  /**
   * Signs up, or in when there is such an account already. The key makes a repeated sign-up of the same person a
   * sign-in. Errors: SignInError, ApiError.
   */
  async enter(person: NewPerson): Promise<SignedIn> {
    this.session = undefined;
    this.credentials = { email: person.email, password: person.password };
    const input = { ...person, clientMutationKey: `sign-up ${person.email}` };
    this.session = await this.mutate(SignUp, input).catch((error: unknown) => {
      if (!(error instanceof RefusedError)) throw error;
      if (error.code === 'EMAIL_TAKEN') return undefined;
      throw new SignInError(`${person.email}: ${error.message}`);
    });
    this.session ??= await this.persistently(() => this.signIn());
    return this.signedIn(this.session);
  }

  /** Signs in to an account that is there. Errors: SignInError, ApiError. */
  async signInAs(credentials: Credentials): Promise<void> {
    this.credentials = credentials;
    this.session = await this.persistently(() => this.signIn());
  }

  private async signedIn({ viewer }: SessionRead): Promise<SignedIn> {
    let { profile } = viewer;
    for (let tries = 0; profile === null && tries < PROFILE_TRIES; tries++) {
      await pause(PROFILE_RETRY_MS);
      profile = (await this.ask(OwnProfile)).viewer?.profile ?? null;
    }
    if (profile === null) throw new ApiError(`the profile of ${viewer.id} is not there yet`, 'SERVICE_UNAVAILABLE');
    return { accountId: viewer.id, profileId: profile.id, handle: profile.handle };
  }

  private async persistently<Output>(attempt: () => Promise<Output>): Promise<Output> {
    for (let failures = 0; ; failures++) {
      try {
        return await attempt();
      } catch (error) {
        const delayMs = RETRY_DELAYS_MS[failures];
        if (!(error instanceof ApiError) || !UNANSWERED.has(error.code) || delayMs === undefined) throw error;
        await pause(delayMs);
      }
    }
  }

  private async renewing<Output>(attempt: () => Promise<Output>): Promise<Output> {
    const before = this.session;
    try {
      return await attempt();
    } catch (error) {
      const hasExpired = error instanceof ApiError && error.code === 'UNAUTHENTICATED' && before !== undefined;
      if (!hasExpired) throw error;
      // Several requests may find out at once: the refresh token is good for one renewal.
      if (this.session === before) {
        this.renewal ??= this.renew(before).finally(() => (this.renewal = undefined));
        await this.renewal;
      }
      return attempt();
    }
  }

  private async renew({ refreshToken }: SessionRead): Promise<void> {
    // The answer to a renewal may have been lost, and the token with it: the password still opens the door.
    this.session = await this.postMutation(RefreshSession, { refreshToken }).catch((error: unknown) => {
      if (error instanceof RefusedError) return this.signIn();
      throw error;
    });
  }

  private signIn(): Promise<SessionRead> {
    const { email, password } = this.credentials ?? { email: '', password: '' };
    return this.postMutation(SignIn, { email, password }).catch((error: unknown) => {
      throw error instanceof RefusedError ? new SignInError(`${email}: ${error.message}`) : error;
    });
  }

  private async postMutation<Output>(mutation: ApiMutation<Output>, input: object): Promise<Output> {
    const { field, type, document, output } = mutation;
    const { [field]: result } = await this.post({ document, output: z.record(z.string(), z.unknown()) }, { input });
    if (read(Typed, result).__typename === type) return read(output, result);
    const { code, message, fields = [] } = read(Failure, result);
    const details = fields.map(({ path, problem }) => `${path.join('.')} ${problem}`);
    throw new RefusedError(field, code, details.length > 0 ? details.join('; ') : message);
  }

  private async post<Output>(
    { document, output }: ApiQuery<Output>,
    variables: Record<string, unknown>,
  ): Promise<Output> {
    const text = await this.send(JSON.stringify({ query: document, variables }));
    const { data, errors = [] } = parseAnswer(text);
    const [failure] = errors;
    const hasNothing = !data || Object.values(data).every((value) => value === null);
    if (failure && hasNothing) throw new ApiError(failure.message, failure.extensions?.code ?? 'INTERNAL');
    if (!data) throw new ApiError(`${this.url} answered without data`, 'INTERNAL');
    return read(output, data);
  }

  private async send(body: string): Promise<string> {
    const headers = new Headers({ 'content-type': 'application/json' });
    if (this.session) headers.set('authorization', `Bearer ${this.session.accessToken}`);
    try {
      const response = await fetch(`${this.url}/graphql`, {
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.timeout(40_000),
      });
      return await response.text();
    } catch (error) {
      throw new ApiError(`${this.url} does not answer: ${String(error)}`, 'NO_ANSWER');
    }
  }
}

function parseAnswer(text: string): z.infer<typeof Answer> {
  try {
    return Answer.parse(JSON.parse(text));
  } catch {
    throw new ApiError(`an answer that is not GraphQL's: ${text.slice(0, 200)}`, 'NO_ANSWER');
  }
}

function read<Output>(output: z.ZodType<Output>, value: unknown): Output {
  const parsed = output.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ApiError(`an answer of another form: ${z.prettifyError(parsed.error)}`, 'BAD_ANSWER');
}
