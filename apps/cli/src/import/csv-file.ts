import { readFile } from 'node:fs/promises';
import { BrokenCsvError, readCsv, type CsvRecord } from './csv-records.js';
import type { RowProblem, ShopifyRow } from './shopify-csv.js';

/** The file is not there, or is no product export. */
export class ImportFileError extends Error {
  readonly code = 'IMPORT.FILE';
}

export interface CsvFile {
  rows: ShopifyRow[];
  rejected: RowProblem[];
}

const REQUIRED = ['Handle', 'Title', 'Variant Price'];

/** Reads a CSV file with a header. A row that can't be read is reported, and the rest read. Errors: ImportFileError. */
export async function readCsvFile(path: string): Promise<CsvFile> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new ImportFileError(`${path} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  try {
    return toRows(bytes);
  } catch (error) {
    if (error instanceof ImportFileError || error instanceof BrokenCsvError) {
      throw new ImportFileError(`${path} is no Shopify product export: ${error.message}`);
    }
    throw error;
  }
}

/** Errors: ImportFileError, BrokenCsvError. */
export function toRows(bytes: Uint8Array): CsvFile {
  const { records, broken } = readCsv(decode(bytes));
  const [header, ...body] = records;
  const [first] = broken;
  if (first && first.line < (header?.line ?? Infinity)) throw new ImportFileError(`its header ${first.reason}`);
  if (!header) throw new ImportFileError('it is empty');
  const columns = readHeader(header);
  const file: CsvFile = { rows: [], rejected: [...broken] };
  for (const { line, cells } of body) {
    if (cells.length === columns.length) {
      file.rows.push({ line, cells: Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ''])) });
    } else {
      file.rejected.push({ line, reason: `has ${cells.length} cells where the header has ${columns.length}` });
    }
  }
  file.rejected.sort((left, right) => left.line - right.line);
  return file;
}

function decode(bytes: Uint8Array): string {
  if (bytes.length === 0) throw new ImportFileError('it is empty');
  if (bytes.includes(0)) throw new ImportFileError('it is a binary file, or not in UTF-8');
  try {
    // Leaves a byte order mark out.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ImportFileError('it is not in UTF-8');
  }
}

function readHeader({ cells }: CsvRecord): string[] {
  const columns = cells.map((column) => column.trim());
  const missing = REQUIRED.filter((column) => !columns.includes(column));
  if (missing.length > 0) throw new ImportFileError(`it has no column ${missing.join(', ')}`);
  return columns;
}
