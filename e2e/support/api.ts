import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

export interface ApiError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly id?: string };
}

export interface Answer<Data> {
  readonly status: number;
  readonly data: Data | null;
  readonly errors: readonly ApiError[];
}

/** A member of a mutation's result union. */
export type Result<Fields = Record<string, unknown>> = Fields & {
  readonly __typename: string;
  readonly code?: string;
  readonly message?: string;
};

type Variables = Record<string, unknown>;

const INPUT_TYPES: Readonly<Record<string, string>> = { unfollow: 'FollowInput' };
const inputTypeOf = (mutation: string): string =>
  INPUT_TYPES[mutation] ?? `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;

/** The API as a client sees it: HTTP, and graphql-ws for what is live. */
export class Api {
  constructor(
    readonly url: string,
    readonly token?: string,
  ) {}

  as(token: string): Api {
    return new Api(this.url, token);
  }

  /** Everything that came back, errors included. @throws TypeError when nobody answers. */
  async send<Data>(query: string, variables: Variables = {}): Promise<Answer<Data>> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.authorization },
      body: JSON.stringify({ query, variables }),
    });
    const { data = null, errors = [] } = (await response.json()) as Partial<Answer<Data>>;
    return { status: response.status, data, errors };
  }

  /** The data of an answer without errors. */
  async ask<Data>(query: string, variables: Variables = {}): Promise<Data> {
    const { data, errors } = await this.send<Data>(query, variables);
    if (errors.length > 0 || data === null) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** Runs a mutation of the form `name(input:)`. `fields` are selections on the members of its union. */
  async run<Fields>(mutation: string, input: Variables, fields: string): Promise<Result<Fields>> {
    const query = `mutation($input: ${inputTypeOf(mutation)}!) {
      result: ${mutation}(input: $input) { __typename ${fields} ... on UserError { code message } }
    }`;
    return (await this.ask<{ result: Result<Fields> }>(query, { input })).result;
  }

  /** Each answer of a subscription, until `end`. */
  subscribe<Data>(query: string, variables: Variables): LiveAnswers<Data> {
    const client = createClient({
      url: `${this.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: this.authorization,
    });
    const answers = client.iterate({ query, variables }) as AsyncIterableIterator<{ data?: Data | null }>;
    return {
      next: async () => {
        const { value } = await answers.next();
        const { data } = value as { data?: Data | null };
        if (!data) throw new Error(JSON.stringify(value));
        return data;
      },
      end: async () => {
        await answers.return?.();
        await client.dispose();
      },
    };
  }

  private get authorization(): Record<string, string> {
    return this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
  }
}

export interface LiveAnswers<Data> {
  next(): Promise<Data>;
  end(): Promise<void>;
}
