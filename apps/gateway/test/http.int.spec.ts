import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LIMITS } from '../src/graphql/limits.js';
import type { FakeServices } from './fake-services.js';
import { LAMP, storyServices } from './story-services.js';
import { aGateway, type TestGateway } from './test-gateway.js';
import { tokenOf } from './tokens.js';

let services: FakeServices;
let gateway: TestGateway;
beforeEach(async () => {
  services = storyServices();
  gateway = await aGateway(services);
});
afterEach(() => gateway.close());

const postRaw = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body });
const codesIn = async (response: Response): Promise<unknown[]> => {
  const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
  return errors.map(({ extensions }) => extensions.code);
};

describe('limits', () => {
  test('a query that is 10,000 levels deep is OPERATION_TOO_COMPLEX at once', async () => {
    const { status, body } = await gateway.post(`${'{ node '.repeat(10_000)}${'}'.repeat(10_000)}`);

    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ extensions: { code: 'OPERATION_TOO_COMPLEX' } }]);
  });

  test.each([
    ['fields', `{ a ${'{ a '.repeat(LIMITS.tokens / 2 - 10)}${'}'.repeat(LIMITS.tokens / 2 - 10)} }`],
    ['lists', `{ a(x: ${'['.repeat(LIMITS.tokens / 2 - 10)}${']'.repeat(LIMITS.tokens / 2 - 10)}) }`],
    ['fields that repeat', `{ ${'viewer '.repeat(LIMITS.tokens + 1)} }`],
  ])('as many %s as tokens allow are refused with a typed error', async (_, query) => {
    const { body } = await gateway.post(query);

    expect(body.errors?.[0]?.extensions.code).toMatch(/^(OPERATION_TOO_COMPLEX|GRAPHQL_VALIDATION_FAILED)$/);
  });

  test('more aliases than allowed are OPERATION_TOO_COMPLEX', async () => {
    const { body } = await gateway.post(
      `{ ${Array.from({ length: LIMITS.aliases + 1 }, (_, i) => `a${i}: viewer { id }`).join(' ')} }`,
    );

    expect(body.errors).toMatchObject([{ extensions: { code: 'OPERATION_TOO_COMPLEX' } }]);
  });

  test('lists within lists are OPERATION_TOO_COMPLEX, counted with the variables of the request', async () => {
    const query = `query P($first: Int) { products(first: $first) { nodes { reviews(first: $first) { nodes {
      product { reviews(first: $first) { nodes { text } } } } } } } }`;

    const { body } = await gateway.post(query, { first: 100 });

    expect(body.errors).toMatchObject([{ extensions: { code: 'OPERATION_TOO_COMPLEX' } }]);
    expect(services.calls).toEqual([]);
  });

  test('a body of 10 MB is PAYLOAD_TOO_LARGE', async () => {
    // fetch would hide the answer behind the broken pipe of what it still has to send.
    const { status, text } = await sendBytes(10 * 1024 * 1024);

    expect(status).toBe(413);
    expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'PAYLOAD_TOO_LARGE' } }] });
  });

  test('several operations in one body are refused', async () => {
    const response = await postRaw(JSON.stringify([{ query: '{ viewer { id } }' }, { query: '{ viewer { id } }' }]));

    expect(response.status).toBe(400);
    expect(await codesIn(response)).toEqual(['BAD_USER_INPUT']);
  });
});

describe('what is no operation', () => {
  test.each([
    ['no JSON', '{"query": '],
    ['no query', '{}'],
    ['a query of another type', '{"query": 7}'],
    ['variables of another type', '{"query": "{ viewer { id } }", "variables": "x"}'],
    ['an empty body', ''],
  ])('%s is BAD_USER_INPUT', async (_, body) => {
    const response = await postRaw(body);

    expect(response.status).toBe(400);
    expect(await codesIn(response)).toEqual(['BAD_USER_INPUT']);
  });

  test.each([
    ['no GraphQL', '{ viewer {', 'GRAPHQL_VALIDATION_FAILED'],
    ['a field that is not there', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'fragments that hold each other',
      '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['no operation of that name', 'query A { viewer { id } } query B { viewer { id } }', 'BAD_USER_INPUT'],
    ['a subscription', `subscription { variantUpdated(productIds: ["${LAMP}"]) { id } }`, 'BAD_USER_INPUT'],
  ])('%s is refused', async (_, query, code) => {
    const { status, body } = await gateway.post(query);

    expect(status).toBe(400);
    expect(body.errors?.[0]).toMatchObject({ extensions: { code } });
  });

  test.each([
    ['a fraction', 1.5],
    ['a word', 'two'],
    ['nothing', null],
  ])('%s as a quantity is BAD_USER_INPUT', async (_, quantity) => {
    const { body } = await gateway.post(
      'mutation M($input: AddToCartInput!) { addToCart(input: $input) { __typename } }',
      { input: { variantId: 'v', quantity } },
      await tokenOf('ben'),
    );

    expect(body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(body.errors?.[0]?.message).toContain('at "input.quantity"');
    expect(services.calls).toEqual([]);
  });

  test('a wrong value within a variable is told with its place and its reason', async () => {
    const variants = [{ price: { amountMinor: 1.5, currency: 'EUR' }, onHand: 'two' }];
    const { status, body } = await gateway.post(
      'mutation M($input: CreateProductInput!) { createProduct(input: $input) { __typename } }',
      { input: { merchantId: 'm', title: 'Lamp', variants, status: 'SOLD' } },
      await tokenOf('ben'),
    );

    expect(status).toBe(400);
    const messages = body.errors?.map(({ message }) => message).join('\n');
    expect(messages).toContain('at "input.variants[0].price.amountMinor"');
    expect(messages).toContain("SafeInt can't be 1.5: it is an integer");
    expect(messages).toContain('at "input.variants[0].onHand"');
    expect(messages).toContain('Value "SOLD" does not exist in "ProductStatus" enum');
    expect(new Set(body.errors?.map(({ extensions }) => extensions?.code))).toEqual(new Set(['BAD_USER_INPUT']));
  });

  test('a form of another site is refused (CSRF)', async () => {
    const response = await postRaw('{"query":"mutation { signOut { signedOut } }"}', { 'content-type': 'text/plain' });

    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(services.calls).toEqual([]);
  });
});

describe('tokens', () => {
  test('an expired one is UNAUTHENTICATED for the whole request', async () => {
    const { status, body } = await gateway.post(
      '{ products { totalCount } viewer { id } }',
      {},
      await tokenOf('ben', -1),
    );

    expect(status).toBe(401);
    expect(body).toEqual({
      errors: [{ message: 'The access token has expired', extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  test.each(['nonsense', 'a.b.c'])('«%s» is UNAUTHENTICATED', async (token) => {
    const { body } = await gateway.post('{ products { totalCount } }', {}, token);

    expect(body.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  test('an expired one does not stand in the way of a sign-up', async () => {
    const query = `mutation S($input: SignUpInput!) { signUp(input: $input) { __typename
      ... on Session { viewer { name profile { handle } } } ... on UserError { code } } }`;
    const input = { email: 'cleo@example.org', password: 'long enough', name: 'cleo' };

    const { body } = await gateway.post(query, { input }, await tokenOf('ben', -1));

    expect(body).toEqual({
      data: { signUp: { __typename: 'Session', viewer: { name: 'cleo', profile: { handle: 'cleo' } } } },
    });
    expect(services.calls.find(({ operation }) => operation === 'identity.signUp')?.input).toMatchObject({
      clientAddress: '127.0.0.1',
    });
  });

  test('an expected failure is a member of the union', async () => {
    const query =
      'mutation S($input: SignUpInput!) { signUp(input: $input) { __typename ... on UserError { code message } } }';
    const input = { email: 'taken@example.org', password: 'long enough', name: 'cleo' };

    const { body } = await gateway.post(query, { input });

    expect(body.errors).toBeUndefined();
    expect(body.data).toMatchObject({ signUp: { __typename: 'EmailTaken', code: 'EMAIL_TAKEN' } });
  });

  test('a sign-up without social-feed succeeds without the profile', async () => {
    services.stop('social-feed');
    const query =
      'mutation S($input: SignUpInput!) { signUp(input: $input) { ... on Session { viewer { name profile { id } } } } }';

    const { body } = await gateway.post(query, {
      input: { email: 'e@example.org', password: 'long enough', name: 'cleo' },
    });

    expect(body.data).toEqual({ signUp: { viewer: { name: 'cleo', profile: null } } });
    expect(body.errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
  });
});

describe('other sites', () => {
  test('may ask: the preflight says so', async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,authorization',
      },
    });

    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('other than the listed ones get no permission', async () => {
    const strict = await aGateway(services, { CORS_ORIGINS: 'https://shop.example' });
    const askedBy = async (origin: string) =>
      (await fetch(`${strict.url}/healthz`, { headers: { origin } })).headers.get('access-control-allow-origin');

    expect(await askedBy('https://shop.example')).toBe('https://shop.example');
    expect(await askedBy('https://other.example')).toBeNull();
    await strict.close();
  });
});

interface Sent {
  readonly status: number | undefined;
  readonly text: string;
}

/** Sends as many bytes as the server takes, and reads its answer whenever that comes. */
function sendBytes(bytes: number): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const sending = request(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': String(bytes) },
    });
    sending.once('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.once('end', () => resolve({ status: response.statusCode, text }));
    });
    sending.once('error', reject);
    sending.write(Buffer.alloc(64 * 1024, ' '));
  });
}
