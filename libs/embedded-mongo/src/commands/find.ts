import { Long } from 'bson';
import { encode, isDocument, numberOf, type Document } from '../bson/document.js';
import { decodeStored } from '../bson/stored.js';
import { Code, MongoError, notImplemented } from '../errors.js';
import { compileFilter, type Filter } from '../match/filter.js';
import { parseSort } from '../match/sort.js';
import { compileProjection } from '../projection/projection.js';
import { rawProjection, type RawProjection } from '../projection/raw.js';
import { scanBetween } from '../query/between.js';
import { executeInSlices, type Hit } from '../query/execute.js';
import { Pace } from '../query/pace.js';
import type { QueryPlan } from '../query/plan.js';
import { planQuery, type PlanRequest } from '../query/planner.js';
import type { Collection } from '../storage/collection.js';
import type { Command } from './command.js';
import { missingField } from './fields.js';
import { keysOnly, withRecordNumber } from './key-results.js';
import { tailOf } from './tail.js';

/** A find command, read and planned. */
export interface PreparedFind {
  collection: Collection | undefined;
  filter: Filter;
  plan: QueryPlan;
  skip: number;
  limit: number | undefined;
  projection: Document;
}

export function prepareFind(command: Command): PreparedFind {
  refuseCollation(command.value('collation'));
  const { collection, variables } = command;
  const filter = compileFilter(command.document('filter'), variables);
  const sort = parseSort(command.document('sort'));
  const skip = command.number('skip') ?? 0;
  const limit = command.number('limit') || undefined;
  const hint = hintOf(command.value('hint'));
  const plan = planFind(command, { filter, sort, ...(limit !== undefined && { needed: skip + limit }), hint });
  return { collection, filter, plan, skip, limit, projection: command.document('projection') };
}

function planFind(command: Command, request: PlanRequest): QueryPlan {
  const { collection } = command;
  const [min, max] = [command.document('min'), command.document('max')];
  const unbounded = Object.keys(min).length === 0 && Object.keys(max).length === 0;
  if (!collection || unbounded) return planQuery(collection, request);
  const { sort: order, hint, needed } = request;
  const access = scanBetween(collection, { min, max, hint, sort: order });
  return { access, sort: access.sorted ? [] : order, order, ...(needed !== undefined && { needed }) };
}

/** An empty hint is none. */
export function hintOf(hint: unknown): unknown {
  const empty = hint === null || (typeof hint === 'object' && Object.keys(hint).length === 0);
  return empty || hint === '' ? undefined : hint;
}

/** An empty one is none; what MongoDB refuses itself is refused in its words. */
export function refuseCollation(collation: unknown): void {
  if (collation === undefined || collation === null) return;
  if (!isDocument(collation)) {
    throw new MongoError(Code.TypeMismatch, "BSON field 'collation' is the wrong type, expected type 'object'");
  }
  if (Object.keys(collation).length === 0) return;
  if (!Object.hasOwn(collation, 'locale')) throw missingField('collation.locale');
  if (collation.locale !== 'simple') throw notImplemented('collation');
}

/** The documents of a find as BSON, each valid until the next is asked for; without a projection as they are stored. */
export function* findResults(command: Command, find: PreparedFind): Generator<Buffer | undefined> {
  const { collection, filter, plan, skip, limit = Infinity } = find;
  const resultOf = resultsOf(command, find);
  let position = 0;
  const execution = { collection, filter, plan, deadline: command.deadline, pace: new Pace() };
  for (const hit of executeInSlices({ ...execution, brief: true })) {
    if (hit && position++ >= skip) yield resultOf ? resultOf(hit) : hit.bytes;
    else if (!hit) yield undefined;
    if (position >= skip + limit) return;
  }
}

/** What of a match is answered; undefined for all of it. */
function resultsOf(command: Command, { filter, plan, projection }: PreparedFind): ((hit: Hit) => Buffer) | undefined {
  if (command.flag('returnKey')) return keysOnly(plan.access);
  const project = rawProjection(projection) ?? decodedProjection(command, projection, filter);
  if (command.flag('showRecordId')) {
    return ({ record, bytes }) => withRecordNumber(record, project ? project(bytes) : bytes);
  }
  return project && (({ bytes }) => project(bytes));
}

function decodedProjection(command: Command, projection: Document, filter: Filter): RawProjection | undefined {
  if (Object.keys(projection).length === 0) return undefined;
  const project = compileProjection(projection, command.variables, filter);
  return (bytes) => encode(project(decodeStored(bytes)));
}

export async function find(command: Command): Promise<Document> {
  const prepared = prepareFind(command);
  const tail = tailOf(command, { ...prepared, sort: prepared.plan.order, resultOf: resultsOf(command, prepared) });
  const results = tail ? tail.results(command.deadline) : findResults(command, prepared);
  const { cursor } = await command.server.cursors.first(command.namespace, results, command.number('batchSize'), {
    singleBatch: command.flag('singleBatch'),
    ...(tail && { tail }),
  });
  return { cursor, ok: 1 };
}

export async function getMore(command: Command): Promise<Document> {
  const namespace = `${command.database}.${String(command.value('collection'))}`;
  const { cursor } = await command.server.cursors.more(
    cursorId(command.value('getMore')),
    namespace,
    command.number('batchSize'),
    command.number('maxTimeMS'),
  );
  return { cursor, ok: 1 };
}

export function killCursors(command: Command): Document {
  const ids = command.array('cursors').map(cursorId);
  const [killed, missing]: [bigint[], bigint[]] = [[], []];
  for (const id of ids) (command.server.cursors.kill(id) ? killed : missing).push(id);
  const longs = (list: bigint[]) => list.map((id) => Long.fromBigInt(id));
  return { cursorsKilled: longs(killed), cursorsNotFound: longs(missing), cursorsAlive: [], cursorsUnknown: [], ok: 1 };
}

function cursorId(value: unknown): bigint {
  return value instanceof Long ? value.toBigInt() : BigInt(Math.trunc(numberOf(value) ?? 0));
}
