import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KafkaHeaders } from './kafka-headers.js';

describe('headers of Kafka', () => {
  const headers = new KafkaHeaders({
    ce_id: Buffer.from('event_ü'),
    traceparent: '00-1-2-01',
    twice: [Buffer.from('one'), 'two'],
    never: [],
    empty: undefined,
  });

  test('are text, and the last one counts of those that come several times', () => {
    expect(['ce_id', 'traceparent', 'twice'].map((name) => headers.get(name))).toEqual(['event_ü', '00-1-2-01', 'two']);
  });

  test.each(['never', 'empty', 'unheard'])('%s is none', (name) => {
    expect(headers.get(name)).toBeUndefined();
  });

  test('with few values are what they are, whatever was read before', () => {
    const types = fc.array(
      fc.oneof(fc.constantFrom('stock.reserved', 'stock.released', 'a', ''), fc.string({ maxLength: 100 })),
    );
    fc.assert(
      fc.property(types, (values) => {
        const read = values.map((value) => new KafkaHeaders({ ce_type: Buffer.from(value) }).get('ce_type'));
        expect(read).toEqual(values.map((value) => Buffer.from(value).toString()));
      }),
    );
  });

  test('can be listed', () => {
    expect(Object.fromEntries(headers)).toEqual({ ce_id: 'event_ü', traceparent: '00-1-2-01', twice: 'two' });
  });
});
