import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { isNewOrLmdbFile } from './file-check.js';
import type { BinaryDatabase } from './range.js';
import { UnknownFormatError } from './store.errors.js';

export interface Tables {
  records: BinaryDatabase;
  entries: BinaryDatabase;
}

export const DATA_FORMAT = 1;
const MAP_BYTES = 2 ** 30;

interface OpenFile {
  root: RootDatabase<Buffer, string>;
  records: BinaryDatabase;
  entries: BinaryDatabase;
}

/** The LMDB file with its tables: the catalog at its root, records and entries by name. */
export class Environment {
  private file: OpenFile;
  /** The same object as long as the environment lives; what it holds is replaced when the file is opened anew. */
  readonly tables: Tables;

  private constructor(private readonly dataDir: string) {
    this.file = openFile(dataDir);
    this.tables = { records: this.file.records, entries: this.file.entries };
  }

  /** Throws UnknownFormatError for a file that is not LMDB's. */
  static open(dataDir: string): Environment {
    return new Environment(dataDir);
  }

  get root(): RootDatabase<Buffer, string> {
    return this.file.root;
  }

  /** Where the data lies. */
  get path(): string {
    return join(this.dataDir, 'data.mdb');
  }

  /**
   * Closes and opens the file: the pages of it that were read count as memory of this process until then. Nobody may
   * read or write meanwhile.
   */
  async reopen(): Promise<void> {
    await this.file.root.close();
    this.file = openFile(this.dataDir);
    this.tables.records = this.file.records;
    this.tables.entries = this.file.entries;
  }

  async close(): Promise<void> {
    await this.file.root.close();
  }
}

function openFile(dataDir: string): OpenFile {
  if (!isNewOrLmdbFile(join(dataDir, 'data.mdb'))) throw new UnknownFormatError('unknown', DATA_FORMAT);
  const root = open<Buffer, string>({ path: dataDir, maxDbs: 4, mapSize: MAP_BYTES, encoding: 'binary' });
  const table = (name: string): BinaryDatabase =>
    root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' });
  return { root, records: table('records'), entries: table('entries') };
}
