import { Long } from 'bson';
import { encode, numberOf, type Document } from '../bson/document.js';
import { decodeStored } from '../bson/stored.js';
import { notImplemented } from '../errors.js';
import { compileFilter, type Filter } from '../match/filter.js';
import { parseSort } from '../match/sort.js';
import { compileProjection } from '../projection/projection.js';
import { rawProjection, type RawProjection } from '../projection/raw.js';
import { executeInSlices } from '../query/execute.js';
import { Pace } from '../query/pace.js';
import type { QueryPlan } from '../query/plan.js';
import { planQuery } from '../query/planner.js';
import type { Collection } from '../storage/collection.js';
import type { Command } from './command.js';

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
  for (const option of ['tailable', 'awaitData', 'min', 'max', 'returnKey', 'showRecordId']) {
    if (command.flag(option)) throw notImplemented(option);
  }
  const { collection, variables } = command;
  const filter = compileFilter(command.document('filter'), variables);
  const sort = parseSort(command.document('sort'));
  const skip = command.number('skip') ?? 0;
  const limit = command.number('limit') || undefined;
  const hint = hintOf(command.value('hint'));
  const plan = planQuery(collection, { filter, sort, ...(limit !== undefined && { needed: skip + limit }), hint });
  return { collection, filter, plan, skip, limit, projection: command.document('projection') };
}

/** An empty hint is none. */
export function hintOf(hint: unknown): unknown {
  const empty = hint === null || (typeof hint === 'object' && Object.keys(hint).length === 0);
  return empty || hint === '' ? undefined : hint;
}

export function refuseCollation(collation: unknown): void {
  if (typeof collation !== 'object' || collation === null) return;
  if ('locale' in collation && collation.locale !== 'simple') throw notImplemented('collation');
}

/** The documents of a find as BSON; without a projection as they are stored. */
export function* findResults(command: Command, find: PreparedFind): Generator<Buffer | undefined> {
  const { collection, filter, plan, skip, limit = Infinity, projection } = find;
  const project = rawProjection(projection) ?? decodedProjection(command, projection, filter);
  let position = 0;
  const execution = { collection, filter, plan, deadline: command.deadline, pace: new Pace() };
  for (const hit of executeInSlices({ ...execution, brief: project !== undefined })) {
    if (hit && position++ >= skip) yield project ? project(hit.bytes) : hit.bytes;
    else if (!hit) yield undefined;
    if (position >= skip + limit) return;
  }
}

function decodedProjection(command: Command, projection: Document, filter: Filter): RawProjection | undefined {
  if (Object.keys(projection).length === 0) return undefined;
  const project = compileProjection(projection, command.variables, filter);
  return (bytes) => encode(project(decodeStored(bytes)));
}

export async function find(command: Command): Promise<Document> {
  const results = findResults(command, prepareFind(command));
  const { cursor } = await command.server.cursors.first(
    command.namespace,
    results,
    command.number('batchSize'),
    command.flag('singleBatch'),
  );
  return { cursor, ok: 1 };
}

export async function getMore(command: Command): Promise<Document> {
  const namespace = `${command.database}.${String(command.value('collection'))}`;
  const { cursor } = await command.server.cursors.more(
    cursorId(command.value('getMore')),
    namespace,
    command.number('batchSize'),
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
