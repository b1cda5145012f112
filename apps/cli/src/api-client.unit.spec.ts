import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { ApiClient } from './api-client.js';
import { mutation, query, selectionOf } from './api-operation.js';
import { ApiError, RefusedError, SignInError } from './api.errors.js';
import { CreateProduct } from './mutations.js';

interface Asked {
  operation: string;
  input: Record<string, unknown>;
  token: string | undefined;
}
type Reply = Record<string, unknown> | string;

const SESSION = (token: string) => ({
  __typename: 'Session',
  accessToken: token,
  refreshToken: `refresh ${token}`,
  viewer: { id: 'account', profile: { id: 'profile', handle: 'noor' } },
});
const refused = (code: string) => ({ __typename: 'UserError', code, message: `it is ${code}` });
const failed = (code: string) => ({ errors: [{ message: code, extensions: { code } }] });
const noor = { email: 'noor@x.test', password: '12345678', name: 'Noor' };
const ViewerId = query('{ viewer { id } }', z.object({ viewer: z.object({ id: z.string() }) }));

let server: Server;
let client: ApiClient;
let asked: Asked[];
let answer: (asked: Asked) => Reply;
beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { query: text, variables } = JSON.parse(Buffer.concat(chunks).toString()) as {
        query: string;
        variables: { input?: Record<string, unknown> };
      };
      const operation = /(\w+)\(input/.exec(text)?.[1] ?? 'query';
      const one = { operation, input: variables.input ?? {}, token: request.headers.authorization };
      asked.push(one);
      const reply = answer(one);
      response.end(typeof reply === 'string' ? reply : JSON.stringify(reply));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new ApiClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterEach(() => void server.close());

const operations = () => asked.map(({ operation }) => operation);

describe('a document', () => {
  test('selects what is read of its answer', () => {
    const Read = z.object({
      id: z.string(),
      lines: z.array(z.object({ price: z.object({ amount: z.int() }).nullable() })),
    });
    expect(selectionOf(Read)).toBe('{ id lines { price { amount } } }');
    expect(mutation('createPost', 'Post', z.object({ id: z.string() })).document).toContain(
      'createPost(input: $input) { __typename ... on Post { id } ... on UserError { code message } }',
    );
  });
});

describe('a client of the API', () => {
  test('signs up, and says who it is with every request after that', async () => {
    answer = ({ operation }) =>
      operation === 'query' ? { data: { viewer: { id: 'account' } } } : { data: { signUp: SESSION('one') } };
    expect(await client.enter(noor)).toEqual({ accountId: 'account', profileId: 'profile', handle: 'noor' });
    await client.ask(ViewerId);
    expect(asked[0]?.input).toEqual({ ...noor, clientMutationKey: 'sign-up noor@x.test' });
    expect(asked.map(({ token }) => token)).toEqual([undefined, 'Bearer one']);
  });

  test('signs in where the email is taken', async () => {
    answer = ({ operation }) =>
      operation === 'signUp' ? { data: { signUp: refused('EMAIL_TAKEN') } } : { data: { signIn: SESSION('one') } };
    await client.enter(noor);
    expect(operations()).toEqual(['signUp', 'signIn']);
  });

  test.each([
    ['HANDLE_TAKEN', 'noor@x.test: it is HANDLE_TAKEN'],
    ['EMAIL_TAKEN', 'noor@x.test: it is WRONG_CREDENTIALS'],
  ])('is told why it can not enter: %s', async (code, message) => {
    answer = ({ operation }) =>
      operation === 'signUp' ? { data: { signUp: refused(code) } } : { data: { signIn: refused('WRONG_CREDENTIALS') } };
    await expect(client.enter(noor)).rejects.toThrow(new SignInError(message));
  });

  test('waits for a profile that is made a moment later', async () => {
    let looks = 0;
    const withoutProfile = { ...SESSION('one'), viewer: { id: 'account', profile: null } };
    answer = ({ operation }) =>
      operation === 'signUp'
        ? { data: { signUp: withoutProfile } }
        : { data: { viewer: { profile: ++looks < 2 ? null : { id: 'later', handle: 'noor' } } } };
    expect(await client.enter(noor)).toMatchObject({ profileId: 'later' });
  });

  test('renews an expired session once, however many requests find out at the same time', async () => {
    answer = ({ operation, token }) => {
      if (operation === 'signUp') return { data: { signUp: SESSION('old') } };
      if (operation === 'refreshSession') return { data: { refreshSession: SESSION('new') } };
      return token === 'Bearer new' ? { data: { viewer: { id: 'account' } } } : failed('UNAUTHENTICATED');
    };
    await client.enter(noor);
    await Promise.all([1, 2, 3].map(() => client.ask(ViewerId)));
    expect(operations().filter((operation) => operation === 'refreshSession')).toHaveLength(1);
  });

  test('signs in again when the refresh token is used up', async () => {
    answer = ({ operation, token }) => {
      if (operation === 'signUp') return { data: { signUp: SESSION('old') } };
      if (operation === 'refreshSession') return { data: { refreshSession: refused('WRONG_CREDENTIALS') } };
      if (operation === 'signIn') return { data: { signIn: SESSION('new') } };
      return token === 'Bearer new' ? { data: { viewer: { id: 'account' } } } : failed('UNAUTHENTICATED');
    };
    await client.enter(noor);
    expect(await client.ask(ViewerId)).toEqual({ viewer: { id: 'account' } });
  });

  test('asks again what had no answer, with the same key, and not what was refused', async () => {
    const replies: Reply[] = [failed('SERVICE_UNAVAILABLE'), '<html>', { data: { createProduct: refused('X') } }];
    answer = () => replies.shift() ?? '';
    await expect(client.mutate(CreateProduct, { clientMutationKey: 'k' })).rejects.toThrow(RefusedError);
    expect(asked.map(({ input }) => input)).toEqual([1, 2, 3].map(() => ({ clientMutationKey: 'k' })));
    expect(replies).toEqual([]);
  });

  test('names the fields that were refused', async () => {
    const fields = [{ path: ['variants', '0', 'price'], problem: 'is negative' }];
    answer = () => ({ data: { createProduct: { ...refused('INVALID_INPUT'), fields } } });
    const refusal = { code: 'INVALID_INPUT', message: 'variants.0.price is negative' };
    await expect(client.mutate(CreateProduct, {})).rejects.toMatchObject(refusal);
  });

  test.each([
    ['an error', failed('FORBIDDEN'), 'FORBIDDEN'],
    ['an answer of another form', { data: { viewer: { id: 7 } } }, 'BAD_ANSWER'],
  ])('fails with %s', async (_what, reply, code) => {
    answer = () => reply;
    await expect(client.ask(ViewerId)).rejects.toMatchObject({ name: ApiError.name, code });
    expect(asked).toHaveLength(1);
  });
});
