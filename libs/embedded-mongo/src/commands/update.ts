import { getField, isDocument, isTrue, type Document } from '../bson/document.js';
import { failedToParse, ManyMatches } from '../errors.js';
import { parseSort } from '../match/sort.js';
import type { Hit } from '../query/execute.js';
import type { Command } from './command.js';
import { checkStatements } from './fields.js';
import { isOrdered } from './insert.js';
import {
  AT_ONCE,
  changeInSlices,
  findAhead,
  hitsOf,
  matchesOf,
  Modification,
  statementDocument,
  targetOf,
  type HitsOptions,
  type Target,
  type TargetOptions,
} from './modification.js';
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
  const errors = await runAll(command, statements, totals);
  const { n, nModified, upserted } = totals;
  return { n, ...(upserted.length > 0 && { upserted }), nModified, ...errors, ok: 1 };
}

async function runAll(command: Command, statements: Document[], totals: Totals): Promise<Document> {
  const alone = loneStatement(statements);
  const ahead = alone && (await findAhead(command, getField(alone, 'q'), optionsOf(alone)));
  if (alone && ahead && ahead.length > AT_ONCE) return updateInSlices(command, alone, totals, ahead);
  try {
    return await command.store.write(() =>
      runStatements(statements, isOrdered(command), (statement, index) =>
        updateOne(command, statement, { index, totals, ahead, fewOnly: alone !== undefined }),
      ),
    );
  } catch (error) {
    if (!(error instanceof ManyMatches) || !alone) throw error;
    return updateInSlices(command, alone, totals);
  }
}

/** Of several statements each has to see what those before it did; an upsert must not miss what comes meanwhile. */
function loneStatement([statement, ...others]: Document[]): Document | undefined {
  if (!statement || others.length > 0 || isTrue(getField(statement, 'upsert')) || 'sort' in statement) return undefined;
  return statement;
}

function optionsOf({ multi, hint, collation, sort }: Document): TargetOptions {
  return { hint, collation, single: !isTrue(multi), ...(isDocument(sort) && { sort: parseSort(sort) }) };
}

interface Run extends Pick<HitsOptions, 'ahead' | 'fewOnly'> {
  index: number;
  totals: Totals;
}

function updateOne(command: Command, statement: Document, { index, totals, ...looking }: Run): void {
  const { target, modification, bypassValidation, multi } = preparedUpdate(command, statement);
  const tally = { found: 0, modified: 0 };
  const hits = hitsOf(command, target, { single: !multi, ...looking });
  for (const hit of hits) changeOne({ target, modification, bypassValidation }, hit, tally);
  // A statement that fails half-way leaves what it changed and counts as nothing.
  totals.n += tally.found;
  totals.nModified += tally.modified;
  if (tally.found > 0 || !isTrue(getField(statement, 'upsert'))) return;
  const { _id } = command.ensureCollection().insert(modification.insertion(), { bypassValidation });
  totals.upserted.push({ index, _id });
  totals.n++;
}

/** @param ahead the matches, where they are known. */
async function updateInSlices(command: Command, statement: Document, totals: Totals, ahead?: number[]) {
  const [prepared, errors] = prepare(command, statement);
  if (!prepared) return errors;
  const { target } = prepared;
  const tally = { found: 0, modified: 0 };
  const records = ahead ?? (await matchesOf(command, target, false));
  const failed = await changeInSlices(command, statement, { target, records }, (hits) => {
    for (const hit of hits) changeOne(prepared, hit, tally);
  });
  if ('writeErrors' in failed) return failed;
  totals.n += tally.found;
  totals.nModified += tally.modified;
  return {};
}

function prepare(command: Command, statement: Document): [PreparedUpdate | undefined, Document] {
  let prepared: PreparedUpdate | undefined;
  const errors = runStatements([statement], true, () => (prepared = preparedUpdate(command, statement)));
  return [prepared, errors];
}

interface PreparedUpdate {
  target: Target;
  modification: Modification;
  bypassValidation: boolean;
}

function preparedUpdate(command: Command, statement: Document): PreparedUpdate & { multi: boolean } {
  const multi = isTrue(getField(statement, 'multi'));
  const { arrayFilters, c } = statement;
  const target = targetOf(command, statementDocument(statement, 'q'), optionsOf(statement));
  const variables = { ...command.variables, ...(isDocument(c) ? c : {}) };
  const source = { update: getField(statement, 'u'), arrayFilters, variables };
  const modification = new Modification(target.filter, source, command.server.now());
  if (multi && modification.replaces) throw failedToParse('multi update is not supported for replacement-style update');
  return { target, modification, bypassValidation: command.flag('bypassDocumentValidation'), multi };
}

function changeOne(
  { target, modification, bypassValidation }: PreparedUpdate,
  { record, document, bytes }: Hit,
  tally: { found: number; modified: number },
): void {
  tally.found++;
  const next = modification.next(document);
  if (target.collection?.replace(record, document, next, bytes, { bypassValidation })) tally.modified++;
}
