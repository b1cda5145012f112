import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FramePool } from './frame-pool.js';
import { FrameSizeError, FrameSplitter } from './frames.js';

const frameOf = (content: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length);
  return Buffer.concat([length, content]);
};

describe('frames', () => {
  test('come out as they went in, however the stream was cut', () => {
    const contents = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
    fc.assert(
      fc.property(contents, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (frames, cuts) => {
        const stream = Buffer.concat(frames.map(frameOf));
        const splitter = new FrameSplitter(100, new FramePool());
        const received: Buffer[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          received.push(...splitter.push(stream.subarray(at, at + size)));
          at += size;
        }
        expect(received.map((frame) => [...frame])).toEqual(frames.map((frame) => [...frame]));
      }),
    );
  });

  test('of more bytes than allowed, or of a negative number, are refused when they are announced', () => {
    const announce = (length: number) => {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(length);
      return new FrameSplitter(100, new FramePool()).push(bytes);
    };
    expect(announce(100)).toEqual([]);
    expect(() => announce(101)).toThrow(FrameSizeError);
    expect(() => announce(-1)).toThrow(FrameSizeError);
  });
});
