/** A data file by what of it is still needed. */
export interface FileFacts {
  readonly number: number;
  readonly bytes: number;
  /** Of record batches that the index refers to. */
  readonly liveBytes: number;
}

/** Below this share of live bytes a file is rewritten: it frees at least as much as it costs. */
const liveShare = 0.5;

/**
 * Files that may be deleted: nothing in them is referred to, and the index on disk has taken in all of their commits.
 * `indexedFile` is the one in which the index's position lies.
 */
export function deadFiles(files: readonly FileFacts[], indexedFile: number): number[] {
  return files.filter(({ number, liveBytes }) => number < indexedFile && liveBytes === 0).map(({ number }) => number);
}

/** Files whose live batches are better moved to the end, those that free most for their cost first. */
export function sparseFiles(files: readonly FileFacts[], indexedFile: number): number[] {
  return files
    .filter(({ number, bytes, liveBytes }) => number < indexedFile && liveBytes > 0 && liveBytes < bytes * liveShare)
    .toSorted((one, other) => one.liveBytes / one.bytes - other.liveBytes / other.bytes)
    .map(({ number }) => number);
}
