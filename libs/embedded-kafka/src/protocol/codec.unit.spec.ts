import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as codec from './codec.js';
import { fetchApi } from './apis/fetch.js';
import { joinGroupApi } from './apis/join-group.js';
import { metadataApi } from './apis/metadata.js';
import { offsetCommitApi } from './apis/offset-commit.js';
import { produceApi } from './apis/produce.js';
import { MalformedRequestError, Reader } from './reader.js';
import { Writer } from './writer.js';

function encode<T>(of: codec.Codec<T>, value: T, version = 0): Buffer {
  const writer = new Writer();
  of.write(writer, value, version);
  const length = writer.length;
  const bytes = Buffer.concat(writer.finish());
  expect(bytes).toHaveLength(length);
  return bytes;
}

const message = codec.struct({
  flag: codec.bool,
  tiny: codec.int8,
  small: codec.int16,
  medium: codec.int32,
  large: codec.int64,
  text: codec.string,
  maybeText: codec.nullableString,
  blob: codec.bytes,
  maybeBlob: codec.nullableBytes,
  list: codec.array(codec.struct({ name: codec.string, numbers: codec.nullableArray(codec.int32) })),
  later: codec.since(2, codec.int32, -1),
  between: codec.versions(1, 2, codec.string, 'absent'),
});

const integer = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const blob = fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes));
const messages = fc.record({
  flag: fc.boolean(),
  tiny: integer(8),
  small: integer(16),
  medium: integer(32),
  large: fc.maxSafeInteger(),
  text: fc.string({ unit: 'binary' }),
  maybeText: fc.option(fc.string({ unit: 'binary' })),
  blob,
  maybeBlob: fc.option(blob),
  list: fc.array(fc.record({ name: fc.string(), numbers: fc.option(fc.array(integer(32))) })),
  later: integer(32),
  between: fc.string(),
});

describe('codec', () => {
  test('what is written is read again, with the fallback where a version has no such field', () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 0, max: 3 }), (value, version) => {
        const reader = new Reader(encode(message, value, version));
        const later = version >= 2 ? value.later : -1;
        const between = version === 1 || version === 2 ? value.between : 'absent';
        expect(message.read(reader, version)).toEqual({ ...value, later, between });
        expect(reader.remaining).toBe(0);
      }),
    );
  });

  test('a frame that was cut anywhere is refused as malformed', () => {
    fc.assert(
      fc.property(messages, fc.nat(), (value, at) => {
        const bytes = encode(message, value, 2);
        const cut = bytes.subarray(0, at % bytes.length);
        expect(() => message.read(new Reader(cut), 2)).toThrow(MalformedRequestError);
      }),
    );
  });

  test('random bytes are read or refused as malformed, whatever the API and version', () => {
    const apis = [produceApi, fetchApi, metadataApi, joinGroupApi, offsetCommitApi];
    fc.assert(
      fc.property(fc.constantFrom(...apis), fc.nat(11), fc.uint8Array({ maxLength: 300 }), (api, version, noise) => {
        try {
          api.request.read(new Reader(Buffer.from(noise)), Math.min(version, api.maxVersion));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedRequestError);
        }
      }),
    );
  });

  test('an array that is longer than the frame is refused before anything is read', () => {
    const bytes = Buffer.from([0x7f, 0xff, 0xff, 0xff]);
    expect(() => codec.array(codec.int8).read(new Reader(bytes), 0)).toThrow('beyond the frame');
  });

  test('a Metadata response stands on the wire as in the protocol guide', () => {
    const bytes = encode(
      metadataApi.response,
      {
        throttleTimeMs: 0,
        brokers: [{ nodeId: 1, host: 'h', port: 9092, rack: null }],
        clusterId: 'c',
        controllerId: 1,
        topics: [{ errorCode: 3, name: 't', isInternal: false, partitions: [], authorizedOperations: 0 }],
        authorizedOperations: 0,
      },
      2,
    );
    const expected = [
      '00000001 00000001 0001 68 00002384 ffff', // one broker: id 1, host "h", port, no rack
      '0001 63 00000001', // cluster "c", controller 1
      '00000001 0003 0001 74 00 00000000', // one topic: error 3, "t", not internal, no partitions
    ];
    expect(bytes.toString('hex')).toBe(expected.join('').replaceAll(' ', ''));
  });

  test('flexible messages are read again as well, behind tagged fields that nobody knows', () => {
    fc.assert(
      fc.property(messages, (value) => {
        const writer = new Writer();
        writer.isFlexible = true;
        message.write(writer, value, 2);
        const reader = new Reader(Buffer.concat(writer.finish()));
        reader.isFlexible = true;
        expect(message.read(reader, 2)).toEqual(value);
        expect(reader.remaining).toBe(0);
      }),
    );
    const twoTags = new Reader(Buffer.from('02 61 02 07 01 ff 81 01 00'.replaceAll(' ', ''), 'hex'));
    twoTags.isFlexible = true;
    expect(codec.struct({ text: codec.string }).read(twoTags, 0)).toEqual({ text: 'a' });
    expect(twoTags.remaining).toBe(0);
  });

  test('a flexible message stands on the wire as in KIP-482', () => {
    const writer = new Writer();
    writer.isFlexible = true;
    const text = 'x'.repeat(127);
    const shape = codec.struct({ text: codec.string, none: codec.nullableBytes, list: codec.array(codec.int8) });
    shape.write(writer, { text, none: null, list: [5] }, 0);
    expect(Buffer.concat(writer.finish()).toString('hex')).toBe(`8001${'78'.repeat(127)}00020500`);
  });
});
