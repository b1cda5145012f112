import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { asyncApiDocument } from './async-api.js';
import { PriceChangedEvent, ProductChanged } from './catalog.events.js';
import { allEvents } from './registry.js';
import { breakingChanges, nextRelease } from './release/released-event.js';
import { stateKeyOf, stateTopicOf } from './state-topic.js';

describe('a state topic', () => {
  test('lies beside its topic', () => {
    expect(stateTopicOf('order.order.v1')).toBe('order.order.v1.state');
  });

  test('has a key for each aggregate and type, and for the fields that the contract names', () => {
    const [product, variant] = ['product_1', 'variant_1'];
    const data = () => ({ variantId: variant });
    expect(stateKeyOf(ProductChanged, product, data)).toBe('product_1/product.changed');
    expect(stateKeyOf(PriceChangedEvent, product, data)).toBe('product_1/price.changed/variant_1');
  });

  test('has one key for what differs in another field only, and never for what differs in a field that is named', () => {
    const contract = { type: 'a.b', stateBy: ['x', 'y'] };
    const value = fc.oneof(fc.string(), fc.integer());
    fc.assert(
      fc.property(fc.array(value, { minLength: 4, maxLength: 4 }), value, ([x1, y1, x2, y2], other) => {
        const keyOf = (data: Record<string, unknown>) => stateKeyOf(contract, 's', () => data);
        expect(keyOf({ x: x1, y: y1, z: 1 })).toBe(keyOf({ x: x1, y: y1, z: other }));
        const same = String(x1) === String(x2) && String(y1) === String(y2);
        expect(keyOf({ x: x1, y: y1 }) === keyOf({ x: x2, y: y2 })).toBe(same);
      }),
    );
  });

  test('is named by fields that every event of the type has', () => {
    for (const { example, stateBy = [] } of allEvents)
      for (const field of stateBy) expect(example).toHaveProperty(field);
  });

  test('keeps its key for good once it was released', () => {
    const first = nextRelease(PriceChangedEvent, []);
    expect(first).toMatchObject({ stateBy: ['variantId'] });
    const released = first === undefined ? [] : [first];
    const { stateBy: _, ...without } = PriceChangedEvent;
    expect(breakingChanges([PriceChangedEvent], released)).toEqual([]);
    expect(breakingChanges([{ ...PriceChangedEvent, stateBy: ['merchantId'] }], released)).toHaveLength(1);
    expect(breakingChanges([without], released)).toHaveLength(1);
  });

  test('is a channel of the event documentation, with all messages of its topic', () => {
    const document = asyncApiDocument(allEvents, { host: '127.0.0.1:9092', namespace: 'shop-' });
    for (const { topic, type } of allEvents)
      expect(document).toHaveProperty(['channels', stateTopicOf(topic)], {
        ...objectOf(document, 'channels', stateTopicOf(topic)),
        address: `shop-${stateTopicOf(topic)}`,
        messages: expect.objectContaining({ [type]: expect.anything() as unknown }) as unknown,
        'x-state-of': topic,
      });
  });
});

function objectOf(document: unknown, ...path: readonly string[]): object {
  const found = path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined),
    document,
  );
  return typeof found === 'object' && found !== null ? found : {};
}
