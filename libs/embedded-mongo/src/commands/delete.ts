import { getField, isDocument, isTrue, numberOf, type Document } from '../bson/document.js';
import { failedToParse, ManyMatches } from '../errors.js';
import type { Hit } from '../query/execute.js';
import { total } from '../query/pace.js';
import type { Command } from './command.js';
import { checkStatements } from './fields.js';
import { isOrdered } from './insert.js';
import {
  AT_ONCE,
  changeInSlices,
  findAhead,
  hitsOf,
  matchesOf,
  statementDocument,
  targetOf,
  type HitsOptions,
  type Target,
} from './modification.js';
import { checkBatch, runStatements } from './reply.js';

interface Totals {
  n: number;
}

export async function remove(command: Command): Promise<Document> {
  const statements = command.documents('deletes');
  checkBatch(statements);
  checkStatements('delete', statements);
  const totals: Totals = { n: 0 };
  const errors = await runAll(command, statements, totals);
  return { n: totals.n, ...errors, ok: 1 };
}

/** Of several statements each has to see what those before it did. */
async function runAll(command: Command, statements: Document[], totals: Totals): Promise<Document> {
  const alone = statements.length === 1 ? statements[0] : undefined;
  const emptied = alone && (await emptiedBy(command, alone));
  if (emptied !== undefined) {
    totals.n = emptied;
    return {};
  }
  const ahead = alone && (await matchesAhead(command, alone));
  if (alone && ahead && ahead.length > AT_ONCE) return removeInSlices(command, alone, totals, ahead);
  try {
    const looking = { ahead, fewOnly: alone !== undefined };
    const change = (statement: Document) => removeMatches(command, statement, totals, looking);
    return await command.store.write(() => runStatements(statements, isOrdered(command), change), true);
  } catch (error) {
    if (!(error instanceof ManyMatches) || !alone) throw error;
    return removeInSlices(command, alone, totals);
  }
}

/** So few are sooner removed one by one. */
const FEW = 32;

/** How many there were where the statement removed all, as a whole; undefined, and nothing removed, where it does not. */
async function emptiedBy(command: Command, { q, limit, hint, collation }: Document): Promise<number | undefined> {
  const { collection, store } = command;
  const isAll = isDocument(q) && Object.keys(q).length === 0 && numberOf(limit) === 0;
  if (!isAll || hint !== undefined || collation !== undefined || !collection?.hasMoreThan(FEW)) return undefined;
  // Who follows a capped one has a place in it.
  if (isTrue(collection.options.capped)) return undefined;
  return store.empty(collection, () => total(collection.countAll(), () => store.turn()));
}

function matchesAhead(command: Command, { q, limit, hint, collation }: Document): Promise<number[] | undefined> {
  return findAhead(command, q, { hint, collation, single: numberOf(limit) === 1 });
}

type Looking = Pick<HitsOptions, 'ahead' | 'fewOnly'>;

function removeMatches(command: Command, statement: Document, totals: Totals, looking: Looking): void {
  const limit = numberOf(getField(statement, 'limit'));
  if (limit !== 0 && limit !== 1) {
    throw failedToParse(
      `The limit field in delete objects must be 0 or 1. Got ${String(getField(statement, 'limit'))}`,
    );
  }
  const single = limit === 1;
  const target = targetToRemove(command, statement, single);
  for (const hit of hitsOf(command, target, { single, ...looking })) removeHit(target, hit, totals);
}

/** @param ahead the matches, where they are known. */
async function removeInSlices(command: Command, statement: Document, totals: Totals, ahead?: number[]) {
  const target = targetToRemove(command, statement, false);
  const records = ahead ?? (await matchesOf(command, target, false));
  return changeInSlices(command, statement, { target, records, frees: true }, (hits) => {
    for (const hit of hits) removeHit(target, hit, totals);
  });
}

function targetToRemove(command: Command, statement: Document, single: boolean): Target {
  const { hint, collation } = statement;
  return targetOf(command, statementDocument(statement, 'q'), { hint, collation, single });
}

function removeHit({ collection }: Target, { record, bytes }: Hit, totals: Totals): void {
  collection?.remove(record, bytes);
  totals.n++;
}
