import { createReadStream } from 'node:fs';
import { parse, type CsvError, type Info } from 'csv-parse';
import type { RowProblem, ShopifyRow } from './shopify-csv.js';

/** The file is not there, or is no product export. */
export class ImportFileError extends Error {
  readonly code = 'IMPORT.FILE';
}

const REQUIRED = ['Handle', 'Title', 'Variant Price'];

/** Reads a CSV file with a header. A record that can't be parsed is reported, and the rest read. Errors: ImportFileError. */
export async function readCsvFile(path: string): Promise<{ rows: ShopifyRow[]; rejected: RowProblem[] }> {
  const rows: ShopifyRow[] = [];
  const rejected: RowProblem[] = [];
  const parser = parse({
    columns: true,
    bom: true,
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error) => void rejected.push(problemOf(error)),
  });
  try {
    const records = createReadStream(path)
      .on('error', (error) => parser.destroy(error))
      .pipe(parser);
    for await (const record of records as AsyncIterable<{ record: Record<string, string>; info: Info }>) {
      rows.push({ line: record.info.lines, cells: record.record });
    }
  } catch (error) {
    throw new ImportFileError(`${path} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const columns = Object.keys(rows[0]?.cells ?? {});
  const missing = REQUIRED.filter((column) => !columns.includes(column));
  if (missing.length > 0) {
    throw new ImportFileError(`${path} is no Shopify product export: it has no column ${missing.join(', ')}`);
  }
  return { rows, rejected };
}

const problemOf = (error: CsvError | undefined): RowProblem => ({
  line: typeof error?.['lines'] === 'number' ? error['lines'] : 0,
  reason: error?.message ?? 'is broken',
});
