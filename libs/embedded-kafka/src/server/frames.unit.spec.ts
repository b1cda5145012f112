import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FramePool } from './frame-pool.js';
import { FrameSizeError, FrameSplitter } from './frames.js';

const frameOf = (content: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length);
  return Buffer.concat([length, content]);
};

/** A chunk as a socket gives it. */
function ownMemory(bytes: Buffer): Buffer {
  const chunk = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(chunk);
  return chunk;
}

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

  test('large and small ones stay as they are when the chunks in which they came are freed', () => {
    const lengths = fc.array(fc.constantFrom(0, 3, 700, 16_383, 16_384, 70_000), { maxLength: 8 });
    fc.assert(
      fc.property(
        lengths,
        fc.array(fc.integer({ min: 1, max: 65_536 }), { minLength: 1, maxLength: 5 }),
        (all, cuts) => {
          const frames = all.map((length, index) => Buffer.alloc(length, index + 1));
          const stream = Buffer.concat(frames.map(frameOf));
          const splitter = new FrameSplitter(100_000, new FramePool());
          const received: Buffer[] = [];
          for (let at = 0, turn = 0; at < stream.length; turn += 1) {
            const chunk = ownMemory(stream.subarray(at, at + (cuts[turn % cuts.length] ?? 1) + 1_000));
            at += chunk.length;
            received.push(...splitter.push(chunk));
          }
          expect(received.map((frame) => frame.length)).toEqual(all);
          expect(received.every((frame, index) => frame.equals(frames[index] ?? frame))).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('a chunk is freed once its bytes have been copied, but not while a frame lies in it', () => {
    const splitter = new FrameSplitter(100_000, new FramePool());
    const stream = Buffer.concat([frameOf(Buffer.alloc(70_000, 1)), frameOf(Buffer.alloc(20_000, 2))]);
    const [first, second] = [ownMemory(stream.subarray(0, 50_000)), ownMemory(stream.subarray(50_000))];
    expect(splitter.push(first)).toEqual([]);
    expect(first).toHaveLength(50_000);
    expect(splitter.push(second)).toEqual([Buffer.alloc(70_000, 1), Buffer.alloc(20_000, 2)]);
    expect([first.buffer.byteLength, second.buffer.byteLength]).toEqual([0, 0]);
    const shown = ownMemory(Buffer.concat([frameOf(Buffer.alloc(10, 3)), frameOf(Buffer.alloc(20_000, 4))]));
    expect(splitter.push(shown)).toEqual([Buffer.alloc(10, 3), Buffer.alloc(20_000, 4)]);
    expect(shown.buffer.byteLength).toBe(20_018);
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
