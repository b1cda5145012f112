/** A failure that the API reports at the top level, or no answer at all. code is one of those in the API's contract. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

/** What the credentials were refused for. */
export class SignInError extends Error {
  readonly code = 'WRONG_CREDENTIALS';
}

interface GraphqlAnswer<Data> {
  data?: Data | null;
  errors?: { message: string; path?: (string | number)[]; extensions?: { code?: string } }[];
}

interface Tokens {
  accessToken: string;
  refreshToken: string;
}
export interface Credentials {
  email: string;
  password: string;
}
export interface NewPerson extends Credentials {
  name: string;
  handle?: string;
}

const SESSION = '... on Session { accessToken refreshToken viewer { id profile { id handle name } } }';
const FAILURE = '... on UserError { code message }';
const UNANSWERED = new Set(['SERVICE_UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL', 'NO_ANSWER']);
const RETRY_DELAYS_MS = [200, 1_000, 3_000];

type SessionResult = Partial<Tokens> & { code?: string; message?: string };

/**
 * One person's way to the GraphQL API, over HTTP as any client would. Renews the session when the access token has
 * expired. A request that got no answer is repeated, so mutations carry a clientMutationKey.
 */
export class ApiClient {
  private tokens: Tokens | undefined;

  constructor(readonly url: string) {}

  /** Errors: ApiError. Fields that a service could not answer come as null without one. */
  async request<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Data> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.renewing<Data>(query, variables);
      } catch (error) {
        const delayMs = RETRY_DELAYS_MS[attempt];
        if (!(error instanceof ApiError) || !UNANSWERED.has(error.code) || delayMs === undefined) throw error;
        await new Promise((resolve) => setTimeout(resolve, delayMs));
      }
    }
  }

  /** Signs in, or up when there is no such account yet. Errors: SignInError, ApiError. */
  async enter(person: NewPerson): Promise<void> {
    if (await this.signIn(person)) return;
    const { signUp } = await this.request<{ signUp: SessionResult }>(
      `mutation SignUp($input: SignUpInput!) { signUp(input: $input) { ${SESSION} ${FAILURE} } }`,
      { input: person },
    );
    if (!this.keep(signUp)) throw new SignInError(`${person.email}: ${signUp.message ?? signUp.code}`);
  }

  /** False when the credentials are wrong. Errors: ApiError. */
  async signIn({ email, password }: Credentials): Promise<boolean> {
    const { signIn } = await this.request<{ signIn: SessionResult }>(
      `mutation SignIn($input: SignInInput!) { signIn(input: $input) { ${SESSION} ${FAILURE} } }`,
      { input: { email, password } },
    );
    return this.keep(signIn);
  }

  private async renewing<Data>(query: string, variables: Record<string, unknown>): Promise<Data> {
    try {
      return await this.post<Data>(query, variables);
    } catch (error) {
      const expired = error instanceof ApiError && error.code === 'UNAUTHENTICATED' && this.tokens !== undefined;
      if (!expired || !(await this.renew())) throw error;
      return this.post<Data>(query, variables);
    }
  }

  private async renew(): Promise<boolean> {
    const refreshToken = this.tokens?.refreshToken;
    this.tokens = undefined;
    const { refreshSession } = await this.post<{ refreshSession: SessionResult }>(
      `mutation Refresh($input: RefreshSessionInput!) { refreshSession(input: $input) { ${SESSION} ${FAILURE} } }`,
      { input: { refreshToken } },
    );
    return this.keep(refreshSession);
  }

  private keep({ accessToken, refreshToken }: SessionResult): boolean {
    if (!accessToken || !refreshToken) return false;
    this.tokens = { accessToken, refreshToken };
    return true;
  }

  private async post<Data>(query: string, variables: Record<string, unknown>): Promise<Data> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.tokens ? { authorization: `Bearer ${this.tokens.accessToken}` } : {}),
      },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(40_000),
    }).catch((error: unknown) => {
      throw new ApiError(`${this.url} does not answer: ${String(error)}`, 'NO_ANSWER');
    });
    const answer = (await response.json()) as GraphqlAnswer<Data>;
    const failure = answer.errors?.[0];
    if (failure && (!answer.data || Object.values(answer.data).every((value) => value === null))) {
      throw new ApiError(failure.message, failure.extensions?.code ?? 'INTERNAL');
    }
    if (!answer.data) throw new ApiError(`${this.url} answered without data`, 'INTERNAL');
    return answer.data;
  }
}
