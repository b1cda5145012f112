import { getField, numberOf, type Document } from '../bson/document.js';
import { failedToParse } from '../errors.js';
import type { Command } from './command.js';
import { checkStatements } from './fields.js';
import { isOrdered } from './insert.js';
import { findAhead, hitsOf, statementDocument, targetOf } from './modification.js';
import { checkBatch, runStatements } from './reply.js';

export async function remove(command: Command): Promise<Document> {
  const statements = command.documents('deletes');
  checkBatch(statements);
  checkStatements('delete', statements);
  const ahead = await matchesAhead(command, statements);
  let n = 0;
  const change = () =>
    runStatements(statements, isOrdered(command), (statement) => (n += removeMatches(command, statement, ahead)));
  const errors = await command.store.write(change, true);
  return { n, ...errors, ok: 1 };
}

/** Of several statements each has to see what those before it did. */
async function matchesAhead(command: Command, statements: Document[]): Promise<number[] | undefined> {
  const [statement, ...others] = statements;
  if (!statement || others.length > 0) return undefined;
  const { q, limit, hint, collation } = statement;
  return findAhead(command, q, { hint, collation, single: numberOf(limit) === 1 });
}

function removeMatches(command: Command, statement: Document, ahead?: number[]): number {
  const limit = numberOf(getField(statement, 'limit'));
  if (limit !== 0 && limit !== 1) {
    throw failedToParse(
      `The limit field in delete objects must be 0 or 1. Got ${String(getField(statement, 'limit'))}`,
    );
  }
  const single = limit === 1;
  const { hint, collation } = statement;
  const target = targetOf(command, statementDocument(statement, 'q'), { hint, collation, single });
  let removed = 0;
  for (const { record, bytes } of hitsOf(command, target, { single, ahead })) {
    target.collection?.remove(record, bytes);
    removed++;
  }
  return removed;
}
