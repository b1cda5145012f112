import { describe, expect, test } from '@jest/globals';
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

  test('can be listed', () => {
    expect(Object.fromEntries(headers)).toEqual({ ce_id: 'event_ü', traceparent: '00-1-2-01', twice: 'two' });
  });
});
