import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Parser } from '@asyncapi/parser';
import { allEvents } from '#contracts';
import { FakeServices } from './fake-services.js';
import { aGateway, type TestGateway } from './test-gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await aGateway(new FakeServices(), { GRAPEVINE_NAMESPACE: 'shop-' });
});
afterAll(() => gateway.close());

test('the gateway serves the events of all services as valid AsyncAPI, with the topics as they are on the broker', async () => {
  const text = await (await fetch(`${gateway.url}/asyncapi.json`)).text();
  const { document, diagnostics } = await new Parser().parse(text);

  expect(diagnostics.filter(({ severity }) => severity <= 1)).toEqual([]);
  const messages = document?.allMessages().all() ?? [];
  expect(new Set(messages.map((message) => message.name()))).toEqual(new Set(allEvents.map(({ type }) => type)));
  for (const message of messages) {
    expect(message.examples().all()).toHaveLength(1);
    expect(message.summary()).toBeTruthy();
    expect(message.json('x-owner')).toBeTruthy();
    expect(message.json('x-key')).toBeTruthy();
  }
  expect(
    document
      ?.allChannels()
      .all()
      .map((channel) => channel.address()),
  ).toContain('shop-order.order.v1');
});

test('the parser refuses what is no AsyncAPI document', async () => {
  const { diagnostics } = await new Parser().parse('{"asyncapi":"3.0.0","channels":{}}');

  expect(diagnostics.some(({ severity }) => severity === 0)).toBe(true);
});
