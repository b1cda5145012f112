import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { connectDatabase, databaseName } from '#persistence';
import { createLogger } from '#service-kit';
import { eventually, explainPlan, startTestServers, type TestServers } from '#testing';
import { ChargeRepository } from '../src/charge/charge.repository.js';
import { loadSandboxConfig, SANDBOX_SECRET } from '../src/config.js';
import { startPaymentSandbox, type PaymentSandbox } from '../src/payment-sandbox.js';
import { startReceiver } from './callback-receiver.js';

const amount = { amountMinor: 4900, currency: 'EUR' };
/** Long enough that a busy machine still finds undecided what is not decided yet. */
const UNDECIDED_MS = 1_500;
const delays = { decideMs: UNDECIDED_MS, lateMs: 50, silenceMs: 10_000, callbackRetryMs: 20, callbackRetryMaxMs: 100 };

let servers: TestServers;
let sandbox: PaymentSandbox;
beforeAll(async () => {
  servers = await startTestServers();
});
afterAll(() => servers.stop());
const start = () => startPaymentSandbox({ ...servers, port: 0, logger: createLogger('silent'), delays });
beforeEach(async () => {
  sandbox = await start();
});
afterEach(() => sandbox.close());

interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}
const read = async (response: Response): Promise<Reply> => ({
  status: response.status,
  body: (await response.json()) as Record<string, unknown>,
});
async function post(path: string, key: string, body: object, more: { callbackUrl?: string; waitMs?: number } = {}) {
  const response = await fetch(`${sandbox.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': key,
      ...(more.callbackUrl ? { 'callback-url': more.callbackUrl } : {}),
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(more.waitMs ?? 5_000),
  });
  return read(response);
}
const get = async (path: string) => read(await fetch(`${sandbox.url}${path}`));
const find = (key: string) => get(`/authorizations?key=${key}`);

const authorize = (
  token: string,
  more: { orderId?: string; callbackUrl?: string; waitMs?: number; respondBy?: Date } = {},
) => {
  const { orderId = randomUUID(), respondBy, ...rest } = more;
  const key = `${orderId}:authorize`;
  return post('/authorizations', key, { orderId, amount, token, respondBy }, rest).then((reply) => ({
    ...reply,
    key,
    orderId,
  }));
};
const act = (path: string, key: string, orderId: string) =>
  post(path, `${orderId}:${path}`, { authorizationKey: key, orderId, amount });

describe('the sandbox provider', () => {
  test('authorises, captures and refunds once for a key, and books what it did', async () => {
    const { key, orderId, ...first } = await authorize('tok_approve');
    expect(first).toMatchObject({ status: 201, body: { state: 'AUTHORIZED' } });
    expect((await authorize('tok_approve', { orderId })).status).toBe(200);
    const captures = await Promise.all(Array.from({ length: 8 }, () => act('/captures', key, orderId)));
    for (const { status, body } of captures) expect([status, body['state']]).toEqual([200, 'CAPTURED']);
    await act('/refunds', key, orderId);
    await act('/refunds', key, orderId);
    const { body: books } = await get(`/books?orderId=${orderId}`);
    expect(books).toMatchObject({
      orders: [{ orderId, state: 'REFUNDED', captures: 1, refunds: 1, captured: amount, refunded: amount }],
      totals: [{ currency: 'EUR', captured: 4900, refunded: 4900, net: 0 }],
    });
  });

  test('declines tok_decline and what it does not know', async () => {
    expect((await authorize('tok_decline')).body['state']).toBe('DECLINED');
    expect((await authorize('tok_whatever')).body['state']).toBe('DECLINED');
  });

  test.each([
    ['tok_timeout_then_approve', 'AUTHORIZED'],
    ['tok_timeout_then_decline', 'DECLINED'],
  ])('%s leaves the shop without an answer, and is decided all the same', async (token, state) => {
    const orderId = randomUUID();
    await expect(authorize(token, { orderId, waitMs: 100 })).rejects.toThrow('timeout');
    const key = `${orderId}:authorize`;
    expect((await find(key)).body['state']).toBe('PENDING');
    await eventually(async () => expect((await find(key)).body['state']).toBe(state));
  });

  test('tok_late_approve is approved after the time the shop gave it', async () => {
    const respondBy = new Date(Date.now() + UNDECIDED_MS);
    const { key, orderId, body } = await authorize('tok_late_approve', { respondBy });
    expect(body['state']).toBe('PENDING');
    expect(await act('/voids', key, orderId)).toMatchObject({ status: 409, body: { code: 'NOT_DECIDED' } });
    await eventually(async () => expect((await find(key)).body['state']).toBe('AUTHORIZED'));
    expect(Date.now()).toBeGreaterThan(respondBy.getTime());
    expect((await act('/voids', key, orderId)).body['state']).toBe('VOIDED');
  });

  test('a void of something never seen keeps it from ever being authorised', async () => {
    const orderId = randomUUID();
    const key = `${orderId}:authorize`;
    expect((await act('/voids', key, orderId)).body['state']).toBe('VOIDED');
    expect((await authorize('tok_approve', { orderId })).body['state']).toBe('VOIDED');
    expect(await act('/captures', key, orderId)).toMatchObject({ status: 409, body: { code: 'NOT_AUTHORIZED' } });
  });

  test('of a void and a capture at the same moment one wins', async () => {
    const { key, orderId } = await authorize('tok_approve');
    const [voided, captured] = await Promise.all([act('/voids', key, orderId), act('/captures', key, orderId)]);
    expect([voided.status, captured.status].toSorted()).toEqual([200, 409]);
  });

  test('bad requests get a code', async () => {
    expect(await find('nobody')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(await post('/authorizations', 'k', { orderId: 'o' })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST' },
    });
    const { key, orderId } = await authorize('tok_approve');
    const other = { authorizationKey: key, orderId, amount: { ...amount, amountMinor: 1 } };
    expect(await post('/captures', 'k2', other)).toMatchObject({
      status: 409,
      body: { code: 'OTHER_ORDER_OR_AMOUNT' },
    });
    const again = await post('/authorizations', key, { orderId, amount, token: 'tok_decline' });
    expect(again).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    const broken = await fetch(`${sandbox.url}/voids`, {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(broken.status).toBe(400);
  });
});

describe('callbacks', () => {
  test('may be asked for by many requests at the same first moment', async () => {
    const receiver = await startReceiver(SANDBOX_SECRET);
    const replies = await Promise.all(
      Array.from({ length: 12 }, () => authorize('tok_approve', { callbackUrl: receiver.url })),
    );
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 201));
    await eventually(() => expect(receiver.received).toHaveLength(12), { timeoutMs: 30_000 });
    await receiver.close();
  });

  test('are signed, in order, and sent until they are acknowledged', async () => {
    const receiver = await startReceiver(SANDBOX_SECRET, 3);
    const { key, orderId } = await authorize('tok_approve', { callbackUrl: receiver.url });
    await act('/captures', key, orderId);
    await eventually(() => expect(receiver.received.map(({ state }) => state)).toEqual(['AUTHORIZED', 'CAPTURED']));
    await receiver.close();
  });

  test('come twice with tok_duplicate_callback', async () => {
    const receiver = await startReceiver(SANDBOX_SECRET);
    await authorize('tok_duplicate_callback', { callbackUrl: receiver.url });
    await eventually(() => expect(receiver.received.map(({ state }) => state)).toEqual(['AUTHORIZED', 'AUTHORIZED']));
    await receiver.close();
  });

  test('and decisions outlive a restart, and follow a shop that came back at another address', async () => {
    const away = await startReceiver(SANDBOX_SECRET);
    await away.close();
    const { key } = await authorize('tok_late_approve', {
      callbackUrl: away.url,
      respondBy: new Date(Date.now() + 300),
    });
    await sandbox.close();
    sandbox = await start();
    const receiver = await startReceiver(SANDBOX_SECRET);
    await authorize('tok_decline', { callbackUrl: receiver.url });
    await eventually(() => {
      expect(receiver.received.map(({ id }) => id)).toContain(`${key}:AUTHORIZED`);
    });
    await receiver.close();
  });
});

test('its configuration takes the secret and each delay from the environment', () => {
  const given = {
    MONGODB_URI: 'mongodb://127.0.0.1:27017',
    PAYMENT_SECRET: 'whsec_b3RoZXI=',
    PAYMENT_SANDBOX_DECIDE_MS: '7',
    PAYMENT_SANDBOX_LATE_MS: '8',
  };
  const options = loadSandboxConfig(given);
  expect(options).toMatchObject({ port: 4110, secret: given.PAYMENT_SECRET, delays: { decideMs: 7, lateMs: 8 } });
  expect(() => loadSandboxConfig({ ...given, PAYMENT_SECRET: 'secret' })).toThrow('PAYMENT_SECRET');
});

test('every query of the sandbox is answered by an index', async () => {
  const uri = servers.mongodbUri;
  const connection = await connectDatabase({ uri, name: databaseName(servers.namespace, 'payment_sandbox') });
  const { model } = new ChargeRepository(connection);
  await explainPlan(
    model
      .find({ dueAt: { $gt: new Date(0), $lte: new Date() } })
      .sort({ dueAt: 1 })
      .limit(1),
    connection,
  );
  await explainPlan(model.find({ orderId: 'order' }).sort({ _id: 1 }), connection);
  await connection.close();
});
