import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { StorageError } from '../errors.js';
import { DataFile, fileHeader, fileHeaderBytes, type PlacedFrame } from './data-file.js';
import type { Disk } from './disk.js';
import type { Place } from './log-entry.js';
import { type JournalPosition, replay } from './replay.js';

const roomyBytes = 128 * 1024;
/** Kept for all: memory of that size for each would call the garbage collector every few dozen megabytes. */
const zeros = Buffer.alloc(384 * 1024);
const quickBytes = 1024 * 1024;

const folderName = 'log';
const nameOf = (number: number): string => `${String(number).padStart(10, '0')}.log`;
const numberOf = (name: string): number | undefined => {
  const digits = /^(\d{10})\.log$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
};

export interface DataFilesOptions {
  readonly disk: Disk;
  /** A file that has reached this size is followed by the next one. */
  readonly fileBytes: number;
}

/** The append-only files that hold all commits in order. Frames are appended to the last one of them. */
export class DataFiles {
  readonly #folder: string;
  readonly #options: DataFilesOptions;
  readonly #files = new Map<number, DataFile>();
  #current: DataFile | null = null;
  #lastNumber = 0;

  constructor(dataDir: string, options: DataFilesOptions) {
    this.#folder = join(dataDir, folderName);
    this.#options = options;
    if (mkdirSync(this.#folder, { recursive: true }) !== undefined) flushFolder(dataDir);
  }

  /** Opens what is there and gives the commits that the index may not have; to be called once, before anything else. */
  *recover(from: JournalPosition): Generator<PlacedFrame & { readonly file: number }> {
    for (const number of readdirSync(this.#folder).map(numberOf)) {
      if (number !== undefined) this.#files.set(number, new DataFile(this.#path(number), number, 'r+'));
    }
    const files = [...this.#files.values()].toSorted((one, other) => one.number - other.number);
    this.#lastNumber = Math.max(from.file, files.at(-1)?.number ?? 0);
    if (from.file > 0 && this.#file(from.file).end < from.position) {
      throw new StorageError(`data file ${this.#path(from.file)} has lost its end`);
    }
    let end = from;
    for (const placed of replay(files, from)) {
      yield placed;
      const { file, position, frame } = placed;
      end = { file, position: position + frame.bytes, sequence: frame.sequence + 1 };
    }
    this.#goOnAt(files, end);
  }

  get numbers(): number[] {
    return [...this.#files.keys()];
  }

  has(number: number): boolean {
    return this.#files.has(number);
  }

  sizeOf(number: number): number {
    return this.#files.get(number)?.end ?? 0;
  }

  /** Resolves when the bytes are on disk. When it rejects, they count as never written. */
  async append(bytes: Buffer, sequence: number, atOnce: boolean): Promise<Omit<Place, 'bytes'>> {
    const { disk, fileBytes } = this.#options;
    const file = (this.#current ??= this.#create(sequence));
    const position = file.end;
    const end = position + bytes.length;
    const roomBytes = needsRoom(bytes, file) ? zeros.length : 0;
    try {
      // Into the page cache, which takes less time than the way to another thread.
      if (atOnce || bytes.length <= quickBytes) disk.writeSync(file.fd, bytes, position);
      else await disk.write(file.fd, bytes, position);
      if (roomBytes > 0) disk.writeSync(file.fd, zeros, end);
      if (atOnce) disk.flushSync(file.fd);
      else await disk.flush(file.fd);
    } catch (error) {
      this.#giveUp(file, position);
      throw error;
    }
    file.end = end;
    file.allocated = Math.max(file.allocated, end + roomBytes);
    if (file.end >= fileBytes) this.#current = null;
    return { file: file.number, position };
  }

  read({ file, position, bytes }: Place): Buffer {
    return this.#file(file).read(position, bytes);
  }

  framesOf(number: number): Generator<PlacedFrame> {
    return this.#file(number).frames(fileHeaderBytes);
  }

  remove(number: number): void {
    const file = this.#files.get(number);
    if (file === undefined) return;
    this.#files.delete(number);
    file.close();
    unlinkSync(file.path);
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
    this.#current = null;
  }

  #file(number: number): DataFile {
    const file = this.#files.get(number);
    if (file === undefined) throw new StorageError(`data file ${this.#path(number)} is missing`);
    return file;
  }

  #path(number: number): string {
    return join(this.#folder, nameOf(number));
  }

  /** Cuts off what was never acknowledged, and makes sure that what is taken for acknowledged is on disk. */
  #goOnAt(files: readonly DataFile[], end: JournalPosition): void {
    for (const file of files.filter(({ number }) => number >= end.file)) {
      if (file.number > end.file) {
        this.remove(file.number);
        continue;
      }
      file.cutAt(Math.max(end.position, fileHeaderBytes));
      this.#options.disk.flushSync(file.fd);
      if (file.number === this.#lastNumber && file.end < this.#options.fileBytes) this.#current = file;
    }
  }

  #create(sequence: number): DataFile {
    // A number is never used again: what could not be removed must not be taken for the new file.
    this.#lastNumber += 1;
    const path = this.#path(this.#lastNumber);
    const file = new DataFile(path, this.#lastNumber, 'wx+');
    this.#files.set(file.number, file);
    try {
      this.#options.disk.writeSync(file.fd, fileHeader(sequence), 0);
      flushFolder(this.#folder);
    } catch (error) {
      this.#giveUp(file, fileHeaderBytes);
      throw error;
    }
    file.end = fileHeaderBytes;
    return file;
  }

  /**
   * After a failed write or flush nobody knows what of the file is on disk, and a second flush that succeeds does not
   * say (the kernel has forgotten the pages that it could not write). So nothing is written behind it: the next commit
   * begins a new file with the same sequence, which tells whoever reads the files that this one ends before it.
   */
  #giveUp(file: DataFile, position: number): void {
    this.#current = null;
    try {
      if (position <= fileHeaderBytes) this.remove(file.number);
      else file.cutAt(position);
    } catch {
      // It stays as it is, which does no harm; the error that led here is the one to tell.
      file.end = position;
    }
  }
}

/**
 * A flush of a file that has grown waits for the file system's own journal, which everybody on the machine shares. So
 * frames of up to 128 kB are followed by zeros now and then, and the next ones are written over them. Zeros are no frame.
 */
function needsRoom(bytes: Buffer, { end, allocated }: DataFile): boolean {
  return end + bytes.length > allocated && bytes.length <= roomyBytes;
}

function flushFolder(path: string): void {
  // Folders cannot be opened on Windows, whose file system keeps its own journal of names.
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
