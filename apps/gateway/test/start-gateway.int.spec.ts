import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { OrderPlaced, OrderReserved, typeIds, type OrderStatus } from '#contracts';
import { createLogger, OperationRegistry, type OperationHost } from '#service-kit';
import {
  eventPublisher,
  fakeIdentity,
  startTestServers,
  type EventPublisher,
  type FakeIdentity,
  type TestServers,
} from '#testing';
import { startGateway } from '../src/gateway.service.js';
import type { OpenGateway } from '../src/gateway.server.js';
import { anOrder } from './builders.js';

let servers: TestServers;
let publisher: EventPublisher;
let identity: FakeIdentity;
let gateway: OpenGateway | undefined;
beforeAll(async () => {
  servers = await startTestServers();
  publisher = eventPublisher(servers);
  identity = await fakeIdentity(servers.namespace);
});
afterEach(() => gateway?.close());
afterAll(async () => {
  await publisher.close();
  await servers.stop();
});

const logger = createLogger('silent');
const start = async (registry?: OperationRegistry, variables: Record<string, string> = {}): Promise<OpenGateway> => {
  const environment = {
    KAFKA_BROKERS: servers.kafkaBrokers.join(),
    GRAPEVINE_NAMESPACE: servers.namespace,
    ...variables,
  };
  gateway = await startGateway({ variables: environment, logger, ...(registry ? { registry } : {}) }, { port: 0 });
  return gateway;
};
const ask = async (query: string, token: string): Promise<unknown> => {
  const response = await fetch(`${gateway?.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  return response.json();
};

test('an event on the topic reaches who subscribed, with the services of one process', async () => {
  let state: OrderStatus = 'PENDING';
  const orders: OperationHost = { dispatch: () => Promise.resolve([anOrder(state)]) };
  const registry = new OperationRegistry();
  registry.register('identity', identity.host);
  registry.register('order', orders);
  const { url } = await start(registry);
  const { token } = await identity.signIn();
  const orderId = anOrder().id;
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { Authorization: `Bearer ${token}` },
  });

  const results = client.iterate({ query: `subscription { orderUpdated(id: "${orderId}") { state } }` });
  expect(await results.next()).toMatchObject({ value: { data: { orderUpdated: { state: 'PENDING' } } } });
  state = 'RESERVED';
  const { reserveUntil: _, ...placed } = OrderPlaced.example;
  const payBy = new Date().toISOString();
  await publisher.publish(OrderReserved, { ...placed, orderId, state, payBy }, { subject: orderId, version: 2 });

  expect(await results.next()).toMatchObject({ value: { data: { orderUpdated: { state: 'RESERVED' } } } });
  await client.dispose();
});

test('without services at their addresses it starts, and says SERVICE_UNAVAILABLE', async () => {
  const addresses = ['IDENTITY', 'CATALOG', 'ORDER', 'SOCIAL_FEED', 'REPUTATION'];
  await start(undefined, Object.fromEntries(addresses.map((name) => [`GRAPEVINE_${name}_URL`, 'tcp://127.0.0.1:1'])));

  const health = await (await fetch(`${gateway?.url}/healthz`)).json();
  const answer = await ask(`{ product(id: "${typeIds.next('product')}") { title } }`, (await identity.signIn()).token);

  expect(health).toMatchObject({ status: 'degraded', services: { catalog: 'down' } });
  // Without keys no token can be checked.
  expect(answer).toMatchObject({ errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
});

test('it starts and closes without a broker', async () => {
  await start(new OperationRegistry(), { KAFKA_BROKERS: '127.0.0.1:1' });

  expect((await fetch(`${gateway?.url}/healthz`)).status).toBe(200);
});

test('it tells the figures of its process, and whether the services beside it are live and ready', async () => {
  const registry = new OperationRegistry();
  let isReady = false;
  registry.register('identity', identity.host, () => Promise.resolve({ isLive: true, isReady, reasons: [] }));
  const { url } = await start(registry);
  const statusOf = async (path: string): Promise<number> => (await fetch(`${url}${path}`)).status;

  expect(await (await fetch(`${url}/metrics`)).text()).toContain('process_cpu_seconds_total');
  expect([await statusOf('/livez'), await statusOf('/readyz')]).toEqual([200, 503]);
  isReady = true;
  expect(await statusOf('/readyz')).toBe(200);
});

test('a token of another deployment is UNAUTHENTICATED', async () => {
  const registry = new OperationRegistry();
  registry.register('identity', identity.host);
  await start(registry);
  const other = await fakeIdentity('other-');

  expect(await ask('{ viewer { id } }', (await other.signIn()).token)).toMatchObject({
    errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  });
});
