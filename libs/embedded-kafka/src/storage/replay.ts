import { StorageError } from '../errors.js';
import { fileHeaderBytes, type PlacedFrame } from './data-file.js';

/** Up to where the data files are in the index: what is behind has to be read again after a crash. */
export interface JournalPosition {
  readonly file: number;
  readonly position: number;
  /** Of the next frame. */
  readonly sequence: number;
}

export const journalStart: JournalPosition = { file: 0, position: fileHeaderBytes, sequence: 1 };

export interface ReadableFile {
  readonly number: number;
  readonly firstSequence: number | undefined;
  frames(from: number): Iterable<PlacedFrame>;
}

/**
 * The acknowledged commits behind `from`, in order, of files in the order of their numbers.
 *
 * A file ends with its first broken frame, or before the first sequence of the next file: whatever is behind was never
 * acknowledged, because it was cut off by a crash, or failed and was written again in the next file. So a file without
 * frames says nothing, and one that does not go on where the one before ended has lost what was acknowledged.
 */
export function* replay(
  files: readonly ReadableFile[],
  from: JournalPosition,
): Generator<PlacedFrame & { readonly file: number }> {
  let { sequence } = from;
  const rest = files.filter(({ number, firstSequence }) => {
    return number === from.file || (number > from.file && firstSequence !== undefined);
  });
  for (const [index, file] of rest.entries()) {
    const isFirst = file.number === from.file;
    if (!isFirst && file.firstSequence !== sequence) {
      throw new StorageError(`commit ${sequence} is missing before data file ${file.number}`);
    }
    const limit = rest[index + 1]?.firstSequence ?? Number.POSITIVE_INFINITY;
    for (const placed of file.frames(isFirst ? from.position : fileHeaderBytes)) {
      if (placed.frame.sequence !== sequence || sequence >= limit) break;
      yield { ...placed, file: file.number };
      sequence += 1;
    }
  }
}
