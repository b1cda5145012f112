import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { allEvents, defineEvent, type EventEnvelope } from '#contracts';
import { decodeEvent, encodeEvent, InvalidMessageError } from './cloud-event.js';

const Noted = defineEvent({
  type: 'note.noted',
  topic: 'test.note.v1',
  owner: 'catalog',
  key: 'noteId',
  description: 'Something was noted.',
  schema: z.object({ text: z.string(), at: z.number().int().optional() }),
  example: { text: 'a' },
});
const envelope = (data: unknown): EventEnvelope => ({
  id: 'event_1',
  type: 'note.noted',
  source: '/catalog',
  subject: 'note_1',
  version: 12,
  key: 'author_1',
  time: '2026-11-23T12:00:00.000Z',
  data,
});
const transmit = ({ key, value, headers }: ReturnType<typeof encodeEvent>) => ({
  key,
  value: Buffer.from(value),
  headers: new Map(Object.entries(headers)),
});

describe('cloud event', () => {
  test('what was encoded is decoded, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.option(fc.integer(), { nil: undefined }), (text, at) => {
        const event = envelope(at === undefined ? { text } : { text, at });
        expect(decodeEvent(Noted, transmit(encodeEvent(Noted, event)))).toEqual(event);
      }),
    );
  });

  test('attributes travel as headers of the binary mode, the version as a comparable sequence', () => {
    const { topic, key, value, headers } = encodeEvent(Noted, { ...envelope({ text: 'a' }), traceparent: '00-1-2-01' });
    expect({ topic, key, value }).toEqual({ topic: 'test.note.v1', key: 'author_1', value: '{"text":"a"}' });
    expect(headers).toEqual({
      ce_specversion: '1.0',
      ce_id: 'event_1',
      ce_type: 'note.noted',
      ce_source: '/catalog',
      ce_subject: 'note_1',
      ce_time: '2026-11-23T12:00:00.000Z',
      ce_partitionkey: 'author_1',
      ce_sequence: '0000000000000012',
      ce_aggregateversion: '12',
      'content-type': 'application/json',
      traceparent: '00-1-2-01',
    });
  });

  test('fields that the reader does not know are ignored', () => {
    const message = transmit(encodeEvent(Noted, envelope({ text: 'a' })));
    const newer = { ...message, value: Buffer.from('{"text":"a","mood":"good"}') };
    expect(decodeEvent(Noted, newer).data).toEqual({ text: 'a' });
  });

  const decodesWith = (headers: Record<string, string>): boolean => {
    const message = transmit(encodeEvent(Noted, envelope({ text: 'a' })));
    try {
      decodeEvent(Noted, { ...message, headers: new Map([...message.headers, ...Object.entries(headers)]) });
      return true;
    } catch (error) {
      if (error instanceof InvalidMessageError) return false;
      throw error;
    }
  };

  test('a time counts if it is one, however it is written', () => {
    const part = (from: number, to: number) =>
      fc.integer({ min: from, max: to }).map((n) => String(n).padStart(2, '0'));
    const parts = fc.tuple(part(0, 13), part(0, 32), part(0, 25), part(0, 61), fc.constantFrom('.000Z', 'Z', '+01:00'));
    fc.assert(
      fc.property(parts, ([month, day, hour, minute, end]) => {
        const time = `2026-${month}-${day}T${hour}:${minute}:00${end}`;
        expect(decodesWith({ ce_time: time })).toBe(z.iso.datetime().safeParse(time).success);
      }),
    );
  });

  test.each([
    ['ce_specversion', '0.3'],
    ['ce_id', ''],
    ['ce_source', ''],
    ['ce_subject', ''],
    ['ce_time', 'yesterday'],
    ['ce_time', '2026-02-30T12:00:00.000Z'],
    ['ce_aggregateversion', '0'],
    ['ce_aggregateversion', '-1'],
    ['ce_aggregateversion', '1.5'],
    ['ce_aggregateversion', 'many'],
  ])('%s is not %j', (name, value) => expect(decodesWith({ [name]: value })).toBe(false));

  test('an event that breaks its contract can not be encoded', () => {
    expect(() => encodeEvent(Noted, envelope({ text: 1 }))).toThrow(InvalidMessageError);
  });

  test('the example of every contract passes both ways', () => {
    for (const contract of allEvents) {
      const event = { ...envelope(contract.example), type: contract.type };
      expect(decodeEvent(contract, transmit(encodeEvent(contract, event))).data).toEqual(contract.example);
    }
  });
});
