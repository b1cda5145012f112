import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';

export interface CsvRecord {
  /** Line of the text, from 1, on which the record begins. */
  readonly line: number;
  readonly cells: readonly string[];
}
export interface CsvText {
  readonly records: readonly CsvRecord[];
  /** Records whose quotes are broken. */
  readonly broken: readonly { readonly line: number; readonly reason: string }[];
}

/** What csv-parse gives with `raw`; its types say otherwise. */
const RawRecord = z.object({ record: z.array(z.string()), raw: z.string() });

/** Each broken record costs a new start of the parser. */
const MOST_BROKEN = 1_000;

/** So many records are broken that this is no CSV. */
export class BrokenCsvError extends Error {
  readonly code = 'IMPORT.BROKEN_CSV';
}

interface Progress {
  readonly records: CsvRecord[];
  /** Line on which the next record begins. */
  next: number;
  /** What is read may be the rest of a broken record: only one with as many cells as the first ends it. */
  recovering: boolean;
}

/**
 * The records of a CSV text. A quote that is not closed, or closed in the middle of a cell, would swallow what follows;
 * so the line where it stands is given up, and reading goes on with the next line. What fails until a whole record is
 * found is the rest of the broken one. Errors: BrokenCsvError.
 */
export function readCsv(text: string): CsvText {
  const starts = lineStarts(text);
  const progress: Progress = { records: [], next: 1, recovering: false };
  const broken: { line: number; reason: string }[] = [];
  for (let failures = 0; progress.next <= starts.length; failures++) {
    if (failures === MOST_BROKEN) throw new BrokenCsvError(`more than ${MOST_BROKEN} of its rows have broken quotes`);
    const reason = readFrom(text.slice(starts[progress.next - 1]), progress);
    if (reason === undefined) break;
    while (isBlank(text, starts, progress.next)) progress.next += 1;
    if (!progress.recovering) broken.push({ line: progress.next, reason });
    progress.recovering = true;
    progress.next += 1;
  }
  return { records: progress.records, broken };
}

/** Reads on from `progress.next`; the reason why it stopped before the end, or undefined. */
function readFrom(text: string, progress: Progress): string | undefined {
  try {
    parse(text, {
      record_delimiter: ['\r\n', '\n', '\r'],
      skip_empty_lines: true,
      relax_column_count: true,
      raw: true,
      on_record: (parsed: unknown) => {
        const { record: cells, raw } = RawRecord.parse(parsed);
        // The parser counts a line's end within a cell twice where it is \r\n. Blank lines before a record are part of raw.
        const blank = /^[\r\n]*/.exec(raw)?.[0] ?? '';
        const line = progress.next + countLines(blank);
        progress.next += countLines(raw);
        progress.recovering &&= cells.length !== (progress.records[0]?.cells ?? cells).length;
        if (!progress.recovering) progress.records.push({ line, cells });
        return null;
      },
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return reasonOf(error);
  }
}

const LINE_END = /\r\n|\n|\r/g;
const countLines = (text: string): number => text.match(LINE_END)?.length ?? 0;

const reasonOf = ({ code }: CsvError): string =>
  code === 'CSV_QUOTE_NOT_CLOSED' ? 'has a quote that is never closed' : 'has a quote in the middle of a cell';

const isBlank = (text: string, starts: readonly number[], line: number): boolean =>
  line < starts.length && /^[\r\n]/.test(text.slice(starts[line - 1], starts[line]));

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(LINE_END)) starts.push(match.index + match[0].length);
  if (starts.at(-1) === text.length) starts.pop();
  return starts;
}
