import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { StorageError } from '../errors.js';
import { fileHeaderBytes } from './data-file.js';
import { journalStart, type ReadableFile, replay } from './replay.js';

const frameLength = 10;

interface TestFile {
  readonly first: number | undefined;
  readonly sequences: readonly number[];
}

/** A file with frames of these sequences, up to where it is broken. */
function fileOf(number: number, { first, sequences }: TestFile): ReadableFile {
  return {
    number,
    firstSequence: first,
    *frames(from) {
      for (const [index, sequence] of sequences.entries()) {
        const position = fileHeaderBytes + index * frameLength;
        if (position >= from) yield { position, frame: { sequence, logs: [], states: [], bytes: frameLength } };
      }
    },
  };
}

const replayed = (files: readonly TestFile[], from = journalStart) =>
  [
    ...replay(
      files.map((file, index) => fileOf(index + 1, file)),
      from,
    ),
  ].map(({ file, frame }) => `${file}:${frame.sequence}`);

describe('what is read again after a crash', () => {
  test('is every commit behind the position, through all files', () => {
    const files = [
      { first: 1, sequences: [1, 2, 3] },
      { first: 4, sequences: [4, 5] },
      { first: 6, sequences: [6] },
    ];
    expect(replayed(files)).toEqual(['1:1', '1:2', '1:3', '2:4', '2:5', '3:6']);
    const from = { file: 2, position: fileHeaderBytes + frameLength, sequence: 5 };
    expect(replayed(files, from)).toEqual(['2:5', '3:6']);
  });

  test('is no commit that failed and was written again, however often', () => {
    expect(
      replayed([
        { first: 1, sequences: [1, 2] },
        { first: 2, sequences: [2] },
        { first: 2, sequences: [] },
        { first: 2, sequences: [2, 3] },
      ]),
    ).toEqual(['1:1', '4:2', '4:3']);
  });

  test('is nothing of a file whose header was never written', () => {
    expect(
      replayed([
        { first: 1, sequences: [1, 2] },
        { first: undefined, sequences: [7] },
      ]),
    ).toEqual(['1:1', '1:2']);
  });

  test('ends where a whole frame is not the one that is due', () => {
    expect(replayed([{ first: 1, sequences: [1, 2, 2, 3] }])).toEqual(['1:1', '1:2']);
    expect(replayed([{ first: 1, sequences: [1, 3] }])).toEqual(['1:1']);
  });

  test('fails where a commit is missing that a later file takes for acknowledged', () => {
    const files = [
      { first: 1, sequences: [1] },
      { first: 3, sequences: [3] },
    ];
    expect(() => replayed(files)).toThrow(StorageError);
  });

  test('is exactly what was acknowledged, whatever failed and wherever the files began', () => {
    const step = fc.constantFrom('commit', 'fail-kept', 'fail-cut', 'next-file');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(), (steps, seed) => {
        const files: { first: number; sequences: number[] }[] = [];
        const acknowledged: string[] = [];
        let isOpen = false;
        let sequence = 1;
        for (const one of steps) {
          if (one === 'next-file') {
            isOpen = false;
            continue;
          }
          if (!isOpen) files.push({ first: sequence, sequences: [] });
          if (one !== 'fail-cut') files.at(-1)?.sequences.push(sequence);
          isOpen = one === 'commit';
          if (!isOpen) continue;
          acknowledged.push(`${files.length}:${sequence}`);
          sequence += 1;
        }
        // The last commit may be on disk although its answer was an error: whoever is told so asks again.
        const last = files.at(-1)?.sequences.at(-1) === sequence ? [`${files.length}:${sequence}`] : [];
        expect(replayed(files)).toEqual([...acknowledged, ...last]);
        const start = acknowledged.length === 0 ? 0 : seed % acknowledged.length;
        const [file = 0, number = 1] = (acknowledged[start] ?? '').split(':').map(Number);
        const index = files[file - 1]?.sequences.indexOf(number) ?? 0;
        const from = { file, position: fileHeaderBytes + index * frameLength, sequence: number };
        if (acknowledged.length > 0) expect(replayed(files, from)).toEqual([...acknowledged.slice(start), ...last]);
      }),
    );
  });
});
