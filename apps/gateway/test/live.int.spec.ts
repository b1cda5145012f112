import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createClient as createSseClient, type Client as SseClient } from 'graphql-sse';
import { createClient as createWsClient, type Client as WsClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import {
  OrderConfirmed,
  OrderPaid,
  OrderReserved,
  OrdersByIds,
  OrderShipped,
  StockReserved,
  VariantsByIds,
  type EventContract,
  type OrderStatus,
  type OrderView,
} from '#contracts';
import { eventually } from '#testing';
import { anOrder, AT, aVariant, id } from './builders.js';
import type { FakeServices } from './fake-services.js';
import { LAMP, storyServices } from './story-services.js';
import { aGateway, type TestGateway } from './test-gateway.js';
import { tokenOf } from './tokens.js';

const ORDER = id('order', 'lamp');
const VARIANT = id('variant', 'lamp');
const ORDER_UPDATED =
  'subscription O($id: ID!) { orderUpdated(id: $id) { state history { state } merchant { name } } }';
const ORDER_RESUMED = 'subscription O($id: ID!, $after: String) { orderUpdated(id: $id, after: $after) { state } }';
const VARIANT_RESUMED =
  'subscription V($ids: [ID!]!, $after: String) { variantUpdated(productIds: $ids, after: $after) { id available } }';
const VARIANT_UPDATED = 'subscription V($ids: [ID!]!) { variantUpdated(productIds: $ids) { id available } }';

interface Result {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly extensions?: Record<string, unknown> | undefined;
  readonly errors?: readonly { extensions?: Record<string, unknown> | undefined }[] | undefined;
}
type Client = Pick<WsClient & SseClient, 'iterate' | 'dispose'>;

let services: FakeServices;
let gateway: TestGateway;
let order: OrderView;
let opened: { dispose: () => void | Promise<void> }[];
beforeEach(async () => {
  order = anOrder('PENDING');
  services = storyServices().on(OrdersByIds, () => [order]);
  gateway = await aGateway(services);
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((client) => client.dispose()));
  await gateway.close();
});

const OVER: Record<string, (token?: string) => Client> = {
  'graphql-ws': (token) => {
    const client = createWsClient({
      url: `${gateway.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: token ? { authorization: `Bearer ${token}` } : {},
    });
    opened.push(client);
    return client as Client;
  },
  'server-sent events': (token) => {
    const client = createSseClient({
      url: `${gateway.url}/graphql/stream`,
      retryAttempts: 0,
      headers: token ? { authorization: `Bearer ${token}` } : {},
    });
    opened.push(client);
    return client as Client;
  },
};

function subscribe(client: Client, query: string, variables: Record<string, unknown>) {
  const results = client.iterate({ query, variables }) as AsyncIterableIterator<Result>;
  return async (): Promise<Result | undefined> => {
    const { done, value } = await results.next();
    return done ? undefined : value;
  };
}

/** The order comes to this state, and its event is on the topic. */
function come(contract: EventContract, state: OrderStatus, isTold = true): void {
  order = anOrder(state);
  if (isTold) tell(contract, { ...(contract.example as object), orderId: ORDER, state });
}

let told = 0;
function tell(contract: EventContract, data: unknown): void {
  const envelope = { id: `event_${++told}`, source: `/${contract.owner}`, subject: ORDER, version: 1, key: ORDER };
  gateway.changes.publish({ ...envelope, type: contract.type, time: AT.toISOString(), data });
}

/** The code of the first error, in a result or as the client throws it. */
async function codeOf(next: () => Promise<Result | undefined>): Promise<unknown> {
  const result = await next().catch((error: unknown): Result => ({ errors: error as Result['errors'] }));
  return result?.errors?.[0]?.extensions?.['code'];
}

const stateOf = (result: Result | undefined): unknown =>
  (result?.data?.['orderUpdated'] as OrderView | undefined)?.state;

describe.each(Object.keys(OVER))('over %s', (transport) => {
  const over = (token?: string): Client => OVER[transport]!(token);

  test('orderUpdated tells the order as it is, then every state, however fast they came', async () => {
    const next = subscribe(over(await tokenOf('ben')), ORDER_UPDATED, { id: ORDER });

    const first = await next();
    order = anOrder('PAID');
    come(OrderReserved, 'RESERVED');
    come(OrderPaid, 'PAID');
    const states = [stateOf(first), stateOf(await next()), stateOf(await next())];

    expect(first?.data?.['orderUpdated']).toMatchObject({ merchant: { name: "ana's lamps" } });
    expect(states).toEqual(['PENDING', 'RESERVED', 'PAID']);
  });

  test('a change between subscribing and the first answer is not lost', async () => {
    services.on(OrdersByIds, () => {
      const asked = order;
      if (asked.state === 'PENDING') come(OrderReserved, 'RESERVED');
      return [asked];
    });
    const next = subscribe(over(await tokenOf('ben')), ORDER_UPDATED, { id: ORDER });

    expect([stateOf(await next()), stateOf(await next())]).toEqual(['PENDING', 'RESERVED']);
  });

  test('after a gap in the events the present state is told', async () => {
    const next = subscribe(over(await tokenOf('ben')), ORDER_UPDATED, { id: ORDER });
    await next();

    come(OrderPaid, 'PAID', false);
    gateway.changes.missed();

    expect(stateOf(await next())).toBe('PAID');
  });

  test('a service that is away for a moment does not end it', async () => {
    const next = subscribe(over(await tokenOf('ben')), ORDER_UPDATED, { id: ORDER });
    await next();

    services.stop('order');
    come(OrderPaid, 'PAID');
    const waiting = next();
    await eventually(() => expect(services.counts['order.ordersByIds']).toBeGreaterThanOrEqual(2));
    services.start('order');

    expect(stateOf(await waiting)).toBe('PAID');
  });

  test('it ends with FORBIDDEN once the order is not the viewer’s to see any more', async () => {
    const next = subscribe(over(await tokenOf('ben')), ORDER_UPDATED, { id: ORDER });
    await next();

    services.on(OrdersByIds, () => []);
    come(OrderPaid, 'PAID');

    expect((await next())?.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect(gateway.changes.watched).toBe(0);
  });

  test('it ends with UNAUTHENTICATED when the token expires', async () => {
    const next = subscribe(over(await tokenOf('ben', 2)), ORDER_UPDATED, { id: ORDER });

    expect(stateOf(await next())).toBe('PENDING');
    expect((await next())?.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(gateway.changes.watched).toBe(0);
  });

  test('variantUpdated tells every variant, then what changed for a buyer, and nothing else', async () => {
    let available = 3;
    services.on(VariantsByIds, ({ ids }) => ids.map(() => aVariant('lamp', { available })));
    const next = subscribe(over(), VARIANT_UPDATED, { ids: [LAMP, LAMP] });
    expect((await next())?.data).toEqual({ variantUpdated: { id: VARIANT, available: 3 } });

    tell(StockReserved, { ...StockReserved.example, productId: LAMP, variantId: VARIANT });
    await eventually(() => expect(services.counts['catalog.variantsByIds']).toBeGreaterThanOrEqual(1));
    available = 2;
    tell(StockReserved, { ...StockReserved.example, productId: LAMP, variantId: VARIANT });

    expect((await next())?.data).toEqual({ variantUpdated: { id: VARIANT, available: 2 } });
  });

  test('a client that comes back with its cursor gets every state that came meanwhile, once', async () => {
    const token = await tokenOf('ben');
    const client = over(token);
    const next = subscribe(client, ORDER_RESUMED, { id: ORDER });
    await next();
    come(OrderReserved, 'RESERVED');
    const { extensions } = (await next()) ?? {};
    await client.dispose();
    await eventually(() => expect(gateway.changes.watched).toBe(0));
    come(OrderPaid, 'PAID');
    come(OrderConfirmed, 'CONFIRMED');

    const resumed = subscribe(over(token), ORDER_RESUMED, { id: ORDER, after: extensions?.['cursor'] });
    const states = [stateOf(await resumed()), stateOf(await resumed())];
    come(OrderShipped, 'SHIPPED');

    expect([...states, stateOf(await resumed())]).toEqual(['PAID', 'CONFIRMED', 'SHIPPED']);
  });

  test.each(['event_unknown', '', '👩🏽‍🚀'])('a cursor that is not known (%j) starts with what is now', async (after) => {
    come(OrderPaid, 'PAID');

    const next = subscribe(over(await tokenOf('ben')), ORDER_RESUMED, { id: ORDER, after });

    expect(stateOf(await next())).toBe('PAID');
  });

  test('a cursor from before a gap in the events starts with what is now', async () => {
    come(OrderReserved, 'RESERVED');
    const after = gateway.changes.position;
    gateway.changes.missed();
    come(OrderPaid, 'PAID', false);

    const next = subscribe(over(await tokenOf('ben')), ORDER_RESUMED, { id: ORDER, after });

    expect([stateOf(await next()), gateway.changes.watched]).toEqual(['PAID', 1]);
  });

  test('a cursor gives nobody an order that is not theirs', async () => {
    come(OrderReserved, 'RESERVED');
    const after = gateway.changes.position;
    come(OrderPaid, 'PAID');
    services.on(OrdersByIds, () => []);

    expect(await codeOf(subscribe(over(await tokenOf('ben')), ORDER_RESUMED, { id: ORDER, after }))).toBe('FORBIDDEN');
    expect(gateway.changes.watched).toBe(0);
  });

  test('a watcher of variants that comes back is told only what changed meanwhile', async () => {
    tell(StockReserved, { ...StockReserved.example, productId: id('product', 'other') });
    const client = over();
    const { extensions } = (await subscribe(client, VARIANT_RESUMED, { ids: [LAMP] })()) ?? {};
    await client.dispose();
    services.on(VariantsByIds, ({ ids }) => ids.map(() => aVariant('lamp', { available: 1 })));
    tell(StockReserved, { ...StockReserved.example, productId: id('product', 'other') });
    tell(StockReserved, { ...StockReserved.example, productId: LAMP, variantId: VARIANT });

    const resumed = subscribe(over(), VARIANT_RESUMED, { ids: [LAMP], after: extensions?.['cursor'] });

    expect((await resumed())?.data).toEqual({ variantUpdated: { id: VARIANT, available: 1 } });
  });

  test('leaving stops the watching', async () => {
    const client = over();
    await subscribe(client, VARIANT_UPDATED, { ids: [LAMP] })();
    expect(gateway.changes.watched).toBe(1);

    await client.dispose();

    await eventually(() => expect(gateway.changes.watched).toBe(0));
  });

  test('leaving does not hold up a shutdown', async () => {
    const client = over();
    await subscribe(client, VARIANT_UPDATED, { ids: [LAMP] })();
    await client.dispose();
    await eventually(() => expect(gateway.changes.watched).toBe(0));

    await gateway.close();

    expect(gateway.log.join()).not.toContain('cut off');
  });

  test('closing the gateway ends it with SERVICE_UNAVAILABLE', async () => {
    const next = subscribe(over(), VARIANT_UPDATED, { ids: [LAMP] });
    await next();

    const [last] = await Promise.all([next(), gateway.close()]);

    expect(last?.errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
  });
});

describe('who may subscribe', () => {
  test.each(Object.keys(OVER))('an expired token is refused over %s', async (transport) => {
    const next = subscribe(OVER[transport]!(await tokenOf('ben', -1)), VARIANT_UPDATED, { ids: [LAMP] });

    expect(await codeOf(next)).toBe('UNAUTHENTICATED');
  });

  test.each(Object.keys(OVER))('an order needs a token over %s', async (transport) => {
    const next = subscribe(OVER[transport]!(), ORDER_UPDATED, { id: ORDER });

    expect(await codeOf(next)).toBe('UNAUTHENTICATED');
  });

  test.each([0, 51])('%d products are BAD_USER_INPUT', async (count) => {
    const ids = Array.from({ length: count }, (_, index) => id('product', `p${index}`));

    expect(await codeOf(subscribe(OVER['graphql-ws']!(), VARIANT_UPDATED, { ids }))).toBe('BAD_USER_INPUT');
  });

  test('queries and mutations go over graphql-ws as well', async () => {
    const next = subscribe(OVER['graphql-ws']!(await tokenOf('ben')), '{ viewer { name } }', {});

    expect(await next()).toEqual({ data: { viewer: { name: 'ben' } } });
  });
});
