import type { Document } from '../bson/document.js';
import { Code, ManyMatches, MongoError } from '../errors.js';

/** An answer with `ok: 0`. What is not MongoDB's own error is a defect of this server: it is told on stderr. */
export function errorReply(error: unknown): Document {
  if (error instanceof MongoError) {
    const { errorCode, codeName, message, details } = error;
    return { ok: 0, errmsg: message, code: errorCode, codeName, ...details };
  }
  if (error instanceof Error && error.name === 'BSONError') {
    return { ok: 0, errmsg: error.message, code: 22, codeName: 'InvalidBSON' };
  }
  if (error instanceof RangeError && /call stack/.test(error.message)) {
    return { ok: 0, errmsg: 'The command is nested too deeply', code: 15, codeName: 'Overflow' };
  }
  console.error('embedded database: a command failed', error);
  return { ok: 0, errmsg: `internal error: ${String(error)}`, code: Code.InternalError, codeName: 'InternalError' };
}

/** One entry of `writeErrors`. */
export function writeError(index: number, error: unknown): Document {
  const { errmsg, code, ok: _ok, codeName: _codeName, ...details } = errorReply(error);
  return { index, code, errmsg, ...details };
}

/**
 * Runs the statements of a write command one by one; an ordered command ends at its first error. Errors of the whole
 * server (disk full) are none of a statement. Throws ManyMatches.
 */
export function runStatements<T>(statements: readonly T[], ordered: boolean, run: (item: T, i: number) => void) {
  const writeErrors: Document[] = [];
  for (const [i, statement] of statements.entries()) {
    try {
      run(statement, i);
    } catch (error) {
      if (error instanceof ManyMatches) throw error;
      writeErrors.push(writeError(i, error));
      if (ordered) break;
    }
  }
  return writeErrors.length > 0 ? { writeErrors } : {};
}

export const MAX_STATEMENTS = 100_000;

export function checkBatch(statements: readonly unknown[]): void {
  if (statements.length >= 1 && statements.length <= MAX_STATEMENTS) return;
  throw new MongoError(
    Code.InvalidLength,
    `Write batch sizes must be between 1 and ${MAX_STATEMENTS}. Got ${statements.length} operations.`,
  );
}
