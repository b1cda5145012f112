import { compileUpdatePipeline } from '../aggregate/update-pipeline.js';
import { getField, isDocument, type Document } from '../bson/document.js';
import { ManyMatches, MongoError } from '../errors.js';
import { compileFilter, type Filter } from '../match/filter.js';
import type { SortField } from '../match/sort.js';
import { execute, Hit, hitById, recordsInSlices } from '../query/execute.js';
import { Pace } from '../query/pace.js';
import type { QueryPlan } from '../query/plan.js';
import { planQuery } from '../query/planner.js';
import type { Collection } from '../storage/collection.js';
import { compileUpdate, type Update } from '../update/update.js';
import { seedOf } from '../update/upsert.js';
import { mismatch, type Command } from './command.js';
import { missingField } from './fields.js';
import { hintOf, refuseCollation } from './find.js';
import { runStatements } from './reply.js';

/** A query of a statement, planned against the collection as it is now. */
export interface Target {
  collection: Collection | undefined;
  filter: Filter;
  plan: QueryPlan;
}

export interface TargetOptions {
  hint?: unknown;
  collation?: unknown;
  sort?: SortField[];
  /** Only one document is wanted. */
  single: boolean;
}

export function targetOf(command: Command, query: Document, options: TargetOptions): Target {
  refuseCollation(options.collation);
  const { collection } = command;
  const filter = compileFilter(query, command.variables);
  const { sort = [], hint, single } = options;
  const plan = planQuery(collection, { filter, sort, hint: hintOf(hint), ...(single && { needed: 1 }) });
  return { collection, filter, plan };
}

/** So many documents a command changes at once; more than that it changes in several writes, as MongoDB does. */
export const AT_ONCE = 1_000;

export interface HitsOptions {
  single: boolean;
  /** Records that matched before the write began. */
  ahead?: number[] | undefined;
  /** Whether more than AT_ONCE are refused by ManyMatches. */
  fewOnly?: boolean;
}

/** The matches; all of them are found before the first is changed, so that none is met twice. Throws ManyMatches. */
export function hitsOf(command: Command, target: Target, options: HitsOptions): Iterable<Hit> {
  if (options.ahead || target.plan.access.kind !== 'id') return foundHits(command, target, options);
  const hit = hitById(target);
  return hit ? [hit] : [];
}

function* foundHits(command: Command, target: Target, { single, ahead, fewOnly }: HitsOptions): Generator<Hit> {
  const held = ahead ? stillMatching(target, ahead) : [];
  if (ahead && held.length === ahead.length) return yield* held;
  // What was found ahead was changed meanwhile: of several, that one is left out; of one, another may take its place.
  if (ahead && !single) return yield* held;
  // Beyond those that are held only the numbers are, and they are read again.
  const records: number[] = [];
  for (const hit of execute({ ...target, deadline: command.deadline })) {
    if (held.length < AT_ONCE) held.push(hit);
    else if (fewOnly) throw new ManyMatches();
    else records.push(hit.record);
    if (single) break;
  }
  yield* held;
  for (const record of records) {
    const bytes = target.collection?.get(record);
    if (bytes) yield new Hit(record, bytes);
  }
}

export function stillMatching({ collection, filter }: Target, records: readonly number[]): Hit[] {
  return records.flatMap((record) => {
    const bytes = collection?.get(record);
    const hit = bytes && new Hit(record, bytes);
    return hit && filter.matches(hit.document) ? [hit] : [];
  });
}

/** A collection of which no more documents are read within a write. */
const SMALL = 2_000;

/**
 * The matches of a write that has to look through a large collection, found before it begins, so that the others have
 * their turn meanwhile. Undefined where that does not pay, and where it fails: then the write looks, or fails, itself.
 */
export async function findAhead(
  command: Command,
  query: unknown,
  options: TargetOptions,
): Promise<number[] | undefined> {
  // The index of the ids answers that.
  if (isDocument(query) && '_id' in query) return undefined;
  try {
    const target = targetOf(command, isDocument(query) ? query : {}, options);
    if (target.plan.access.kind !== 'collection' || !target.collection?.hasMoreThan(SMALL)) return undefined;
    return await matchesOf(command, target, options.single);
  } catch {
    return undefined;
  }
}

/** The records of all matches, or of the first; the others have their turn while they are looked for. */
export async function matchesOf(command: Command, target: Target, single: boolean): Promise<number[]> {
  const records: number[] = [];
  for (const record of recordsInSlices({ ...target, deadline: command.deadline, pace: new Pace() })) {
    if (record === undefined) await command.store.turn();
    else records.push(record);
    if (single && records.length > 0) break;
  }
  return records;
}

/**
 * Runs a statement for what was found in several writes, each of them atomic, with the turn of others between them: what was
 * changed meanwhile so that it matches no more is left out, and nothing happens any more when the collection is gone.
 */
export async function changeInSlices(
  command: Command,
  statement: Document,
  { target, records }: { target: Target; records: readonly number[] },
  change: (hits: readonly Hit[]) => void,
): Promise<Document> {
  const isThere = () => command.collection === target.collection;
  for (let at = 0; at < records.length && isThere(); at += SLICE) {
    const slice = records.slice(at, at + SLICE);
    // It may go with another change of the same flush.
    const hits = () => (isThere() ? stillMatching(target, slice) : []);
    const run = () => runStatements([statement], true, () => change(hits()));
    const errors = await command.store.write(run);
    if ('writeErrors' in errors) return errors;
    await command.store.turn();
  }
  return {};
}

/** Documents that are changed in one of several writes: some milliseconds. */
export const SLICE = 400;

export interface ModificationSource {
  update: unknown;
  arrayFilters?: unknown;
  /** `let` and the statement's own constants (`c`). */
  variables: Document;
}

/** An update bound to the query whose matches it changes. */
export class Modification {
  private readonly update: Update;
  private readonly positional: boolean;

  constructor(
    private readonly filter: Filter,
    { update, arrayFilters, variables }: ModificationSource,
    private readonly now: Date,
  ) {
    if (arrayFilters !== undefined && !Array.isArray(arrayFilters)) {
      throw new MongoError(14, "BSON field 'arrayFilters' is the wrong type, expected type 'array'");
    }
    const options = { arrayFilters: (arrayFilters ?? []) as unknown[], variables };
    this.update = compileUpdate(update, options, compileUpdatePipeline);
    this.positional = usesPosition(update);
  }

  get replaces(): boolean {
    return this.update.replaces;
  }

  next(document: Document): Document {
    const matched = this.positional ? this.filter.position(document) : undefined;
    return this.update.apply(document, { now: this.now, ...(matched !== undefined && { matched }) });
  }

  /** The document that an upsert adds when nothing matches. */
  insertion(): Document {
    const seed = seedOf(this.filter, this.update.replaces);
    return this.update.apply(seed, { inserting: true, now: this.now });
  }
}

/** Some path has the positional operator `$`. */
function usesPosition(update: unknown): boolean {
  if (!isDocument(update)) return false;
  return Object.values(update).some(
    (fields) => isDocument(fields) && Object.keys(fields).some((path) => path.split('.').includes('$')),
  );
}

/** A document of a statement. Throws what MongoDB does when it is missing or none. */
export function statementDocument(statement: Document, field: string): Document {
  const value = getField(statement, field);
  if (isDocument(value)) return value;
  throw value === undefined ? missingField(field) : mismatch('statement', field, 'object');
}
