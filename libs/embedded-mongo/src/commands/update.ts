import { getField, isDocument, isTrue, type Document } from '../bson/document.js';
import { failedToParse } from '../errors.js';
import { parseSort } from '../match/sort.js';
import type { Command } from './command.js';
import { checkStatements } from './fields.js';
import { isOrdered } from './insert.js';
import { findAhead, hitsOf, Modification, statementDocument, targetOf, type TargetOptions } from './modification.js';
import { checkBatch, runStatements } from './reply.js';

interface Totals {
  n: number;
  nModified: number;
  upserted: Document[];
}

export async function update(command: Command): Promise<Document> {
  const statements = command.documents('updates');
  checkBatch(statements);
  checkStatements('update', statements);
  const totals: Totals = { n: 0, nModified: 0, upserted: [] };
  const ahead = await matchesAhead(command, statements);
  const errors = await command.store.write(() =>
    runStatements(statements, isOrdered(command), (statement, i) => updateOne(command, statement, i, totals, ahead)),
  );
  const { n, nModified, upserted } = totals;
  return { n, ...(upserted.length > 0 && { upserted }), nModified, ...errors, ok: 1 };
}

function optionsOf({ multi, hint, collation, sort }: Document): TargetOptions {
  return { hint, collation, single: !isTrue(multi), ...(isDocument(sort) && { sort: parseSort(sort) }) };
}

/** Of several statements each has to see what those before it did; an upsert must not miss what comes meanwhile. */
async function matchesAhead(command: Command, statements: Document[]): Promise<number[] | undefined> {
  const [statement, ...others] = statements;
  if (!statement || others.length > 0 || isTrue(getField(statement, 'upsert')) || 'sort' in statement) return undefined;
  return findAhead(command, getField(statement, 'q'), optionsOf(statement));
}

function updateOne(command: Command, statement: Document, index: number, totals: Totals, ahead?: number[]): void {
  const multi = isTrue(getField(statement, 'multi'));
  const { arrayFilters, c } = statement;
  const target = targetOf(command, statementDocument(statement, 'q'), optionsOf(statement));
  const variables = { ...command.variables, ...(isDocument(c) ? c : {}) };
  const source = { update: getField(statement, 'u'), arrayFilters, variables };
  const modification = new Modification(target.filter, source, command.server.now());
  if (multi && modification.replaces) throw failedToParse('multi update is not supported for replacement-style update');
  const bypassValidation = command.flag('bypassDocumentValidation');
  let [found, modified] = [0, 0];
  for (const { record, document, bytes } of hitsOf(command, target, !multi, ahead)) {
    found++;
    const next = modification.next(document);
    if (target.collection?.replace(record, document, next, bytes, { bypassValidation })) modified++;
  }
  // A statement that fails half-way leaves what it changed and counts as nothing.
  totals.n += found;
  totals.nModified += modified;
  if (found > 0 || !isTrue(getField(statement, 'upsert'))) return;
  const { _id } = command.ensureCollection().insert(modification.insertion(), { bypassValidation });
  totals.upserted.push({ index, _id });
  totals.n++;
}
