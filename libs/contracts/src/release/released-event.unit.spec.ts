import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import type { EventContract } from '../envelope.js';
import { breakingChanges, nextRelease, unreleased, type ReleasedEvent } from './released-event.js';

const shape = {
  orderId: z.string().regex(/^order_/),
  state: z.enum(['OPEN', 'PAID']),
  total: z.object({ amountMinor: z.int(), currency: z.string().length(3) }),
  lines: z.array(z.object({ sku: z.string(), note: z.string().nullish() })),
  payer: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('person'), name: z.string() }),
    z.object({ kind: z.literal('company'), vatId: z.string() }),
  ]),
  placedAt: z.iso.datetime(),
  note: z.string().optional(),
};
const Placed: EventContract = {
  type: 'order.placed',
  topic: 'order.order.v1',
  owner: 'order',
  key: 'orderId',
  description: 'A buyer placed an order.',
  schema: z.object(shape),
  example: {},
};
const withShape = (changes: z.ZodRawShape, without: readonly string[] = []): EventContract => {
  const kept = Object.entries({ ...shape, ...changes }).filter(([name]) => !without.includes(name));
  return { ...Placed, schema: z.object(Object.fromEntries(kept)) };
};

/** Everything released, one version after the other. */
function release(...versions: readonly EventContract[]): ReleasedEvent[] {
  const released: ReleasedEvent[] = [];
  for (const contract of versions) {
    const next = nextRelease(contract, released);
    if (next) released.push(JSON.parse(JSON.stringify(next)) as ReleasedEvent);
  }
  return released;
}
const released = release(Placed);

describe('a released event', () => {
  test('may stay as it is, be described better, and gain and lose optional fields', () => {
    expect(breakingChanges([Placed], released)).toEqual([]);
    expect(breakingChanges([withShape({ note: shape.note.describe('For the courier.') })], released)).toEqual([]);
    expect(breakingChanges([withShape({ gift: z.boolean().nullish() })], released)).toEqual([]);
    expect(breakingChanges([withShape({}, ['note'])], released)).toEqual([]);
    expect(breakingChanges([withShape({ state: z.enum(['PAID', 'OPEN']) })], released)).toEqual([]);
  });

  test.each<[string, EventContract, string]>([
    ['a required field more', withShape({ shipTo: z.string() }), 'data.shipTo: a required property was added'],
    ['a required field less', withShape({}, ['state']), 'data.state: a required property was removed'],
    ['an optional field made required', withShape({ note: z.string() }), 'data.note: became required'],
    ['a required field made optional', withShape({ state: shape.state.optional() }), 'data.state: became optional'],
    ['another type', withShape({ note: z.number().optional() }), 'data.note: type'],
    ['a type that may be null', withShape({ orderId: shape.orderId.nullable() }), 'data.orderId: type'],
    ['an enum with a value more', withShape({ state: z.enum(['OPEN', 'PAID', 'SENT']) }), 'data.state: enum'],
    ['an enum with a value less', withShape({ state: z.enum(['OPEN']) }), 'data.state: enum'],
    ['a narrower pattern', withShape({ orderId: z.string().regex(/^order_0/) }), 'data.orderId: pattern'],
    ['another format', withShape({ placedAt: z.iso.date() }), 'data.placedAt: format'],
    ['a bound', withShape({ note: z.string().max(10).optional() }), 'data.note: maxLength was added'],
    [
      'a change inside an object',
      withShape({ total: z.object({ amountMinor: z.int() }) }),
      'data.total.currency: a required property was removed',
    ],
    [
      'a change inside a list',
      withShape({ lines: z.array(z.object({ sku: z.int(), note: z.string().nullish() })) }),
      'data.lines.items.sku: type',
    ],
    [
      'a member of a union less',
      withShape({ payer: z.discriminatedUnion('kind', [shape.payer.options[0]]) }),
      'data.payer.oneOf: has 1 members instead of 2',
    ],
    ['another topic', { ...Placed, topic: 'order.orders.v1' }, 'topic was order.order.v1'],
    ['another key', { ...Placed, key: 'buyerId' }, 'key was orderId'],
    ['another owner', { ...Placed, owner: 'catalog' }, 'owner was order'],
    ['no contract any more', { ...Placed, type: 'order.ordered' }, 'is gone'],
  ])('is not released with %s', (_, contract, reason) => {
    expect(breakingChanges([contract], released).join('\n')).toContain(reason);
  });

  test('may not begin, cease or change to be kept by fields; what it was kept by before is history', () => {
    const kept: EventContract = { ...Placed, stateBy: ['orderId'] };
    const inPlaces = release(kept);
    expect(breakingChanges([kept], inPlaces)).toEqual([]);
    expect(breakingChanges([kept], released)).toEqual([
      'order.placed (against version 1): stateBy was absent, is orderId',
    ]);
    expect(breakingChanges([Placed], inPlaces)).toEqual([
      'order.placed (against version 1): stateBy was orderId, is absent',
    ]);
    expect(breakingChanges([{ ...kept, stateBy: ['state'] }], inPlaces).join()).toContain('was orderId, is state');
    const later = release(Placed, kept);
    expect(breakingChanges([kept], later)).toEqual([]);
    expect(breakingChanges([Placed], later)).toEqual([
      'order.placed (against version 2): stateBy was orderId, is absent',
    ]);
  });

  test('is held to every version, not to the last one alone', () => {
    const versions = release(withShape({ gift: z.boolean().optional() }), Placed);
    expect(versions.map(({ version }) => version)).toEqual([1, 2]);
    const again = withShape({ gift: z.string().optional() });
    expect(breakingChanges([again], versions.slice(1))).toEqual([]);
    expect(breakingChanges([again], versions)).toEqual([
      'order.placed (against version 1): data.gift: type was "boolean", is "string"',
    ]);
  });

  test('has a new version for each change, and none without', () => {
    expect(unreleased([Placed], released)).toEqual([]);
    expect(unreleased([withShape({ gift: z.boolean().optional() })], released)).toEqual(['order.placed']);
    expect(unreleased([Placed], [])).toEqual(['order.placed']);
  });

  test('whatever optional fields come and go: each version reads what every other wrote', () => {
    const optional = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('string', 'number', 'strings'));
    const schemaWith = (fields: Record<string, string>): EventContract => {
      const types: Record<string, z.ZodType> = { string: z.string(), number: z.number(), strings: z.array(z.string()) };
      return withShape(
        Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, (types[type] ?? z.never()).optional()])),
      );
    };
    const values: Record<string, unknown> = { string: 'x', number: 1, strings: ['x'] };
    const base = {
      orderId: 'order_1',
      state: 'OPEN',
      total: { amountMinor: 1, currency: 'EUR' },
      lines: [],
      payer: { kind: 'person', name: 'Ana' },
      placedAt: '2026-11-23T12:00:00.000Z',
    };
    fc.assert(
      fc.property(optional, optional, (before, after) => {
        const [old, now] = [schemaWith(before), schemaWith(after)];
        const dataOf = (fields: Record<string, string>) => ({
          ...base,
          ...Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, values[type]])),
        });
        const readable = old.schema.safeParse(dataOf(after)).success && now.schema.safeParse(dataOf(before)).success;
        expect(breakingChanges([now], release(old)).length === 0).toBe(readable);
      }),
    );
  });
});
