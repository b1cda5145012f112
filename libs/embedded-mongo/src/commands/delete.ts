import { getField, isDocument, isTrue, numberOf, type Document } from '../bson/document.js';
import { failedToParse } from '../errors.js';
import { total } from '../query/pace.js';
import type { Command } from './command.js';
import { checkStatements } from './fields.js';
import { isOrdered } from './insert.js';
import {
  findAhead,
  hitsOf,
  matchesOf,
  SLICE,
  statementDocument,
  stillMatching,
  targetOf,
  type Target,
} from './modification.js';
import { checkBatch, runStatements } from './reply.js';

export async function remove(command: Command): Promise<Document> {
  const statements = command.documents('deletes');
  checkBatch(statements);
  checkStatements('delete', statements);
  const [alone, ...others] = statements;
  const removed = alone && others.length === 0 ? await removedMany(command, alone) : undefined;
  return { ...(removed === undefined ? await removeInOrder(command, statements) : { n: removed }), ok: 1 };
}

/** Of several statements each has to see what those before it did. */
async function removeInOrder(command: Command, statements: Document[]): Promise<Document> {
  const [alone, ...others] = statements;
  const ahead = alone && others.length === 0 ? await matchAhead(command, alone) : undefined;
  let n = 0;
  const change = (statement: Document) => {
    n += removeMatches(command, statement, ahead);
  };
  const errors = await command.store.write(() => runStatements(statements, isOrdered(command), change), true);
  return { n, ...errors };
}

async function matchAhead(command: Command, { q, limit, hint, collation }: Document): Promise<number[] | undefined> {
  return numberOf(limit) === 1 ? findAhead(command, q, { hint, collation, single: true }) : undefined;
}

function removeMatches(command: Command, statement: Document, ahead?: number[]): number {
  const limit = numberOf(getField(statement, 'limit'));
  if (limit !== 0 && limit !== 1) {
    throw failedToParse(
      `The limit field in delete objects must be 0 or 1. Got ${String(getField(statement, 'limit'))}`,
    );
  }
  const single = limit === 1;
  const target = targetToRemove(command, statement, single);
  const records = Array.from(hitsOf(command, target, { single, ahead }), ({ record }) => record);
  target.collection?.removeAll(records);
  return records.length;
}

function targetToRemove(command: Command, statement: Document, single: boolean): Target {
  const { hint, collation } = statement;
  return targetOf(command, statementDocument(statement, 'q'), { hint, collation, single });
}

/**
 * How many documents a statement removed that removes all its matches; undefined, and nothing removed, for another one, and
 * for one that is refused.
 */
async function removedMany(command: Command, statement: Document): Promise<number | undefined> {
  if (numberOf(statement.limit) !== 0) return undefined;
  const emptied = await emptiedBy(command, statement);
  if (emptied !== undefined) return emptied;
  const found = await findMany(command, statement);
  return found && removeFound(command, found);
}

/** So few are sooner removed one by one. */
const FEW = 32;

/** How many there were where the statement removed all, as a whole. */
async function emptiedBy(command: Command, { q, hint, collation }: Document): Promise<number | undefined> {
  const { collection, store } = command;
  const isAll = isDocument(q) && Object.keys(q).length === 0 && hint === undefined && collation === undefined;
  // Who follows a capped one has a place in it.
  if (!isAll || !collection?.hasMoreThan(FEW) || isTrue(collection.options.capped)) return undefined;
  return store.empty(collection, () => total(collection.countAll(), () => store.turn()));
}

interface Found {
  target: Target;
  records: readonly number[];
  /** What the collection's count of changes was when the search began. */
  changes: number | undefined;
}

/** The matches, found before the write begins, so that the others have their turn meanwhile. */
async function findMany(command: Command, statement: Document): Promise<Found | undefined> {
  try {
    const target = targetToRemove(command, statement, false);
    // One look finds that one.
    if (target.plan.access.kind === 'id') return undefined;
    const changes = target.collection?.changes;
    return { target, records: await matchesOf(command, target, false), changes };
  } catch {
    // It fails again where failures are answered.
    return undefined;
  }
}

/** So many are removed in one write while nothing else changes: some milliseconds. */
const AT_ONCE = 10_000;

/**
 * Removes what was found, in several writes where it is much, with the turn of others between them. What they changed
 * meanwhile so that it matches no more is left out, and nothing happens any more when the collection is gone.
 */
async function removeFound(command: Command, { target, records, changes }: Found): Promise<number> {
  const { collection } = target;
  const { store } = command;
  let [removed, known] = [0, changes];
  const removeSome = (at: number): number => {
    if (!collection || command.collection !== collection) return records.length;
    const isKnown = collection.changes === known;
    const slice = records.slice(at, at + (isKnown ? AT_ONCE : SLICE));
    const there = isKnown ? slice : stillMatching(target, slice).map(({ record }) => record);
    collection.removeAll(there);
    removed += there.length;
    known = isKnown ? collection.changes : undefined;
    return slice.length;
  };
  for (let at = 0; at < records.length;) {
    if (at > 0) await store.turn();
    const from = at;
    at += await store.write(() => removeSome(from), true);
    if (collection?.owesMuch) await store.givenBack;
  }
  return removed;
}
