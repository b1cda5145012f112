import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  parkingOperationsOf,
  projectionOperationsOf,
  type InputOf,
  type ParkedEventView,
  type ParkedGroupView,
  type ProjectionView,
} from '#contracts';
import { ForbiddenError } from '#service-kit';
import { FakeServices } from './fake-services.js';
import { aGateway, type TestGateway } from './test-gateway.js';
import { tokenOf } from './tokens.js';

const AT = '2026-11-23T12:00:00.000Z';
const group: ParkedGroupView = {
  service: 'order',
  consumerGroup: 'order.checkout',
  fingerprint: 'abc',
  errorName: 'TypeError',
  errorMessage: 'x is undefined',
  eventTypes: ['stock.reserved'],
  lines: 1,
  events: 3,
  firstParkedAt: AT,
  lastParkedAt: AT,
  nextAt: null,
  sampleId: 'order.checkout|catalog.stock.v1|0|7',
};
const parked: ParkedEventView = {
  id: group.sampleId,
  service: 'order',
  consumerGroup: group.consumerGroup,
  topic: 'catalog.stock.v1',
  partition: 0,
  offset: 7,
  key: 'variant_1',
  type: 'stock.reserved',
  eventId: 'event_1',
  parkedAt: AT,
  failedAt: AT,
  attempts: 0,
  nextAt: AT,
  error: { name: 'TypeError', message: 'x is undefined', fingerprint: 'abc', stack: 'TypeError: x is undefined' },
  value: '{}',
  encoding: 'utf8',
  headers: [{ name: 'ce_type', value: 'stock.reserved' }],
};
const order = parkingOperationsOf('order');

let services: FakeServices;
let gateway: TestGateway;
let replays: InputOf<typeof order.replay>[];
beforeEach(async () => {
  replays = [];
  services = new FakeServices()
    .on(order.groups, () => [group])
    .on(order.events, () => ({ items: [{ cursor: 'c1', node: parked }], hasNextPage: false }))
    .on(order.replay, (input) => {
      replays.push(input);
      return { __typename: 'ParkedReplay' as const, events: 3, lines: 1, trying: 2, dryRun: input.dryRun, doneBy: AT };
    })
    .on(parkingOperationsOf('catalog').groups, () => {
      throw new ForbiddenError();
    });
  gateway = await aGateway(services);
});
afterEach(() => gateway.close());

const LIST = `query ($services: [String!], $filter: ParkedFilter!) { parking(services: $services) {
  service groups { fingerprint events } events(filter: $filter) { nodes { id error { stack } headers { name } } } } }`;

test('what every service has parked, those that do not answer left out with an error', async () => {
  const filter = { fingerprint: 'abc' };
  const { body } = await gateway.post(LIST, { filter }, await tokenOf('olga'));

  const rows = body.data?.['parking'] as unknown as { service: string; groups: unknown }[];
  expect(rows.map(({ service }) => service)).toEqual(['identity', 'catalog', 'order', 'social-feed', 'reputation']);
  expect(rows.find(({ service }) => service === 'order')).toMatchObject({
    groups: [{ fingerprint: 'abc', events: 3 }],
    events: { nodes: [{ id: parked.id, error: { stack: parked.error?.stack } }] },
  });
  expect(rows.find(({ service }) => service === 'reputation')).toMatchObject({ groups: null, events: null });
  const codes = body.errors?.map(({ extensions }) => extensions.code);
  expect(codes).toEqual(expect.arrayContaining(['FORBIDDEN', 'SERVICE_UNAVAILABLE']));
});

test('a replay goes to the service that was named, with a rate', async () => {
  const { body } = await gateway.post(
    `mutation ($input: ReplayParkedInput!) { replayParked(input: $input) {
      __typename ... on ParkedReplay { events trying doneBy } ... on UserError { message } } }`,
    { input: { service: 'order', filter: { fingerprint: 'abc' }, dryRun: true } },
    await tokenOf('olga'),
  );

  expect(body.errors).toBeUndefined();
  expect(body.data).toEqual({ replayParked: { __typename: 'ParkedReplay', events: 3, trying: 2, doneBy: AT } });
  expect(replays).toEqual([{ filter: { fingerprint: 'abc' }, dryRun: true, perSecond: 50 }]);
});

test('the projections of every service, and one made anew by the service that its name begins with', async () => {
  const feed = projectionOperationsOf('social-feed');
  const products: ProjectionView = {
    name: 'social-feed.products',
    service: 'social-feed',
    state: 'REBUILDING',
    generation: 2,
    requestedAt: AT,
    finishedAt: null,
    done: 3,
    total: 9,
    error: null,
  };
  services.on(feed.list, () => [products]).on(feed.rebuild, () => ({ __typename: 'Projection' as const, ...products }));
  const fields = 'name state generation done total finishedAt';
  const listed = await gateway.post(`{ projections { service projections { ${fields} } } }`, {}, await tokenOf('olga'));

  expect(listed.body.data?.['projections']).toMatchObject([
    { service: 'catalog', projections: null },
    { service: 'order', projections: null },
    { service: 'social-feed', projections: [{ name: 'social-feed.products', done: 3, total: 9 }] },
    { service: 'reputation', projections: null },
  ]);
  const rebuild = async (name: string) => {
    const { body } = await gateway.post(
      `mutation ($input: RebuildProjectionInput!) { rebuildProjection(input: $input) {
        __typename ... on Projection { ${fields} } ... on UserError { code } } }`,
      { input: { name } },
      await tokenOf('olga'),
    );
    return body.data?.['rebuildProjection'];
  };
  expect(await rebuild('social-feed.products')).toMatchObject({ __typename: 'Projection', state: 'REBUILDING' });
  expect(await rebuild('identity.accounts')).toEqual({ __typename: 'NotFound', code: 'NOT_FOUND' });
});

test('a service that there is not is BAD_USER_INPUT', async () => {
  const { body } = await gateway.post(LIST, { services: ['orders'], filter: { id: 'x' } }, await tokenOf('olga'));

  expect(body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});
