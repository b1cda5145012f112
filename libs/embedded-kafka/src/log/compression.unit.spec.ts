import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compress as snappy } from 'snappyjs';
import { batchOfRecords, logRecords } from '../../test/batches.js';
import { Compression, pack, recordsOf } from './compression.js';
import { buildBatch, readHeader, rebuildBatch } from './record-batch.js';

const codecs = Object.values(Compression);
/** Forty records, k0 to k39, as the command line tools of lz4 and zstd pack them. */
const byTools = {
  lz4: 'BCJNGGRAp28BAAD/GUAAAAAEazAwdGhlIHNhbWUgZm9yIGFsbCBvZiB0aGVtAEAAAAIEazEhAApPBARrMiEACk8GBGszIQAKTwgEazQhAApPCgRrNSEACk8MBGs2IQAKTw4EazchAApPEARrOCEACk8SBGs5IQAHj0IAABQGazEwIgAKXxYGazExIgAKXxgGazEyIgAKXxoGazEzIgAKXxwGazE0IgAKXx4GazE1IgAKXyAGazE2IgAKXyIGazE3IgAKXyQGazE4IgAKTyYGazFUAQtPKAZrMlQBC08qBmsyVAELTywGazJUAQtPLgZrMlQBC08wBmsyVAELTzIGazJUAQtPNAZrMlQBC082BmsyVAELTzgGazJUAQtPOgZrMlQBC088BmszVAELTz4GazNUAQtPQAZrM1QBC09CBmszVAELT0QGazNUAQtPRgZrM1QBC09IBmszVAELT0oGazNUAQtPTAZrM1QBC09OBmszVAEDUHRoZW0AAAAAALX04rc=',
  zstd: 'KLUv/WRGBE0FANKIHhcg3QFDXfkCAJelctdR8lJ7XCqX5fGdDNy5mVqZkdh4iVbYwerj1gce122blmUX1i9uUX2qJN4/iDhoezQn21hzMdbSlSrh1QdIziH3+theG9rrIntNYK+H67VgvQ76a129BnIGc7tVd7Msul9X3WmLwjtdY85f55zBQ6gRUCddaX8D8KUDwYX/HxH6AeV9f3/t/W86+/4HJmX6gl6x14iSVOUuWQU9wp7E',
};
const forty = Array.from({ length: 40 }, (_, n) => ({ key: `k${n}`, value: 'the same for all of them' }));
const contentOf = (batch: Buffer) =>
  recordsOf(batch, readHeader(batch)).map(({ key, offsetDelta }) => `${offsetDelta} ${key?.toString()}`);
const expected = forty.map(({ key }, n) => `${n} ${key}`);

/** A batch of the same header, but with records that were packed elsewhere. */
function packedElsewhere(attributes: number, packed: Buffer): Buffer {
  return buildBatch({ ...readHeader(batchOfRecords(forty)), attributes }, packed);
}

describe('the records of a batch', () => {
  test('are the same whatever packs them, and when they are packed anew', () => {
    const record = fc.record({ key: fc.string(), value: fc.string({ maxLength: 300 }) });
    fc.assert(
      fc.property(fc.constantFrom(...codecs), fc.array(record, { minLength: 1, maxLength: 20 }), (codec, records) => {
        const batch = batchOfRecords(records, { codec });
        const header = readHeader(batch);
        const read = recordsOf(batch, header);
        expect(read.map(({ key }) => key?.toString())).toEqual(records.map(({ key }) => key));
        const { packed, attributes } = pack(read, header.attributes);
        const anew = rebuildBatch(batch, packed, { ...header, attributes });
        expect(recordsOf(anew, readHeader(anew))).toEqual(read);
      }),
    );
  });

  test('are read as other tools packed them', () => {
    expect(contentOf(packedElsewhere(Compression.lz4, Buffer.from(byTools.lz4, 'base64')))).toEqual(expected);
    expect(contentOf(packedElsewhere(Compression.zstd, Buffer.from(byTools.zstd, 'base64')))).toEqual(expected);
  });

  test("are read from the blocks of snappy-java's own frame", () => {
    const plain = pack(logRecords(forty, 0), Compression.none).packed;
    const halves = [plain.subarray(0, 500), plain.subarray(500)].map((half) => framedBlock(half));
    const header = Buffer.from('82534e415050590000000001 00000001'.replace(' ', ''), 'hex');
    expect(contentOf(packedElsewhere(Compression.snappy, Buffer.concat([header, ...halves])))).toEqual(expected);
  });

  test('are not unpacked when they come to more than 128 MB', () => {
    const bomb = Buffer.from('80808080017f', 'hex');
    expect(() => contentOf(packedElsewhere(Compression.snappy, bomb))).toThrow(/too big/);
  });
});

function framedBlock(plain: Buffer): Buffer {
  const block = snappy(plain);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(block.length);
  return Buffer.concat([length, block]);
}
