import { BSONRegExp } from 'bson';
import type { Document } from '../bson/document.js';
import { decodeStored } from '../bson/stored.js';
import { Code, MongoError } from '../errors.js';
import type { Filter } from '../match/filter.js';
import { documentOrder } from '../match/sort.js';
import type { Collection } from '../storage/collection.js';
import { isIdIndex, isMultikey } from '../storage/index-spec.js';
import { PREFIX_BYTES, recordsAtEnd } from '../storage/range.js';
import type { Pace } from './pace.js';
import type { Access, IndexScan, KeyRange, QueryPlan } from './plan.js';

/** A document that a query found; decoded when somebody looks into it. */
export class Hit {
  private decoded: Document | undefined;

  constructor(
    readonly record: number,
    readonly bytes: Buffer,
  ) {}

  get document(): Document {
    return (this.decoded ??= decodeStored(this.bytes));
  }
}

/** Matches beyond those needed that are held before the last of them are let go. */
const SORTED_AHEAD = 1_000;

/** What was read, for explain. */
export interface Counters {
  keys: number;
  documents: number;
}

export class Deadline {
  private checks = 0;
  private constructor(private readonly at: number) {}

  /** `maxTimeMS` from now; 0 or undefined never ends. */
  static after(maxTimeMs: number | undefined): Deadline {
    return new Deadline(maxTimeMs ? performance.now() + maxTimeMs : Infinity);
  }

  /** Looks at the clock at every 64th call; throws MaxTimeMSExpired. */
  check(): void {
    if (this.checks++ % 64 !== 0 || performance.now() < this.at) return;
    throw new MongoError(Code.MaxTimeMSExpired, 'operation exceeded time limit');
  }
}

export interface Execution {
  collection: Collection | undefined;
  filter: Filter;
  plan: QueryPlan;
  deadline: Deadline;
  counters?: Counters;
  /** Results are undefined where others should have their turn. */
  pace?: Pace;
  /** A hit is looked into before the next one is asked for, in the same turn: its bytes need not outlive that. */
  brief?: boolean;
}

/** Runs a plan without giving way: matches in the order asked for, read as they are taken (unless they are sorted). */
export function* execute(execution: Omit<Execution, 'pace'>): Generator<Hit> {
  for (const hit of executeInSlices(execution)) if (hit) yield hit;
}

/** As `execute`; undefined stands between slices. */
export function executeInSlices(execution: Execution): Generator<Hit | undefined> {
  const { access, sort } = execution.plan;
  if (access.kind === 'id') return byId(execution);
  return sort.length === 0 ? matches(execution) : sorted({ ...execution, brief: false });
}

/**
 * The numbers of the matches alone; undefined stands between slices. What the plan finds for certain is not even read. Once
 * the collection has changed, what was found may be there no more.
 */
export function* recordsInSlices(execution: Execution): Generator<number | undefined> {
  const { collection, filter, plan, deadline, counters = { keys: 0, documents: 0 }, pace } = execution;
  const { access, sort } = plan;
  const numbers = collection && sort.length === 0 && isExact(access, filter) && numbersOf(collection, access, counters);
  if (!numbers) {
    for (const hit of executeInSlices({ ...execution, brief: true })) yield hit?.record;
    return;
  }
  for (const record of numbers) {
    deadline.check();
    yield record;
    if (!pace?.isOver) continue;
    yield undefined;
    pace.goOn();
  }
}

function numbersOf(collection: Collection, access: Access, counters: Counters): Iterable<number> | undefined {
  if (access.kind === 'index') return scan(collection, access, counters);
  return access.kind === 'collection' ? collection.scanRecords(access.reverse) : undefined;
}

function* byId(execution: Execution): Generator<Hit> {
  const hit = hitById(execution);
  if (hit) yield hit;
}

function* sorted(execution: Execution): Generator<Hit | undefined> {
  const { sort, needed = Infinity } = execution.plan;
  const order = documentOrder(sort);
  const inOrder = (a: Hit, b: Hit) => order(a.document, b.document);
  let hits: Hit[] = [];
  for (const hit of matches(execution)) {
    if (!hit) yield undefined;
    else if (hits.push(hit) > 2 * needed + SORTED_AHEAD) hits = hits.toSorted(inOrder).slice(0, needed);
  }
  yield* hits.toSorted(inOrder);
}

/** The document of an equality on `_id`: most reads and writes ask for one, so it is found without further ado. */
export function hitById({ collection, filter, plan, counters }: Omit<Execution, 'deadline'>): Hit | undefined {
  const record = plan.access.kind === 'id' ? collection?.findId(plan.access.id) : undefined;
  const bytes = record === undefined ? undefined : collection?.get(record);
  if (record === undefined || !bytes) return undefined;
  if (counters) {
    counters.keys++;
    counters.documents++;
  }
  const hit = new Hit(record, bytes);
  return isExact(plan.access, filter) || filter.matches(hit.document) ? hit : undefined;
}

function* matches(execution: Execution): Generator<Hit | undefined> {
  const { collection, filter, plan, deadline, counters, pace, brief = false } = execution;
  if (!collection) return;
  const count = counters ?? { keys: 0, documents: 0 };
  const exact = isExact(plan.access, filter);
  const { changes } = collection;
  const { fields } = filter;
  for (const { record, bytes } of records(collection, plan, count, brief)) {
    deadline.check();
    count.documents++;
    const hit = new Hit(record, bytes);
    // Keys are read some way ahead: once something has changed, a document may no longer be what its key says.
    const known = exact && collection.changes === changes;
    if (known || filter.matches(fields ? decodeStored(bytes, fields) : hit.document)) yield hit;
    if (pace?.isOver) {
      yield undefined;
      pace.goOn();
    }
  }
}

/** Whatever the access finds is what the filter asks for, so that nothing has to be decoded to be tested. */
function isExact(access: Access, { root, source }: Filter): boolean {
  if (access.kind === 'collection') return Object.keys(source).length === 0;
  if (access.kind === 'index') return access.covers;
  return access.kind === 'id' && root.kind === 'leaf' && !(root.operand instanceof BSONRegExp);
}

type Found = { record: number; bytes: Buffer };

function records(collection: Collection, plan: QueryPlan, counters: Counters, brief: boolean): Iterable<Found> {
  const { access } = plan;
  switch (access.kind) {
    case 'none':
    case 'id':
      return [];
    case 'collection':
      return collection.scan(access.reverse);
    case 'index':
      return fetch(collection, scan(collection, access, counters), brief);
    case 'or': {
      const branches = access.branches.map((branch) => fetch(collection, scan(collection, branch, counters)));
      const order = documentOrder(plan.order);
      return unique(access.sorted ? mergeDocuments(branches, order) : chain(branches), ({ record }) => record);
    }
  }
}

function* fetch(collection: Collection, numbers: Iterable<number>, brief = false): Generator<Found> {
  for (const record of numbers) {
    const bytes = brief ? collection.borrow(record) : collection.get(record);
    if (bytes) yield { record, bytes };
  }
}

function scan(collection: Collection, access: IndexScan, counters: Counters): Iterable<number> {
  const counted = countKeys(recordsOf(collection, access), counters);
  return isMultikey(access.index) ? unique(counted, (record) => record) : counted;
}

function* countKeys(records: Iterable<number>, counters: Counters): Generator<number> {
  for (const record of records) {
    counters.keys++;
    yield record;
  }
}

/** By ids: each is one look into their index, without a cursor. */
function* recordsOfIds(collection: Collection, ranges: KeyRange[]): Generator<number> {
  for (const { low } of ranges) {
    const record = collection.findIdKey(low);
    if (record !== undefined) yield record;
  }
}

export const areIds = ({ index, ranges }: IndexScan): boolean =>
  isIdIndex(index) && ranges.every(({ point = false }) => point);

/** One for each key that is read. */
function recordsOf(collection: Collection, scan: IndexScan): Iterable<number> {
  const { index, ranges, reverse, merged } = scan;
  if (areIds(scan)) return recordsOfIds(collection, reverse ? ranges.toReversed() : ranges);
  const read = ({ low, high }: KeyRange) => collection.scanIndex(index, low, high, reverse);
  const ordered = reverse ? ranges.toReversed() : ranges;
  const [only] = ordered;
  if (only && ordered.length === 1) return read(only);
  if (!merged) return chain(ordered.map(read));
  const streams = ordered.map((range) =>
    suffixes(collection.scanEntries(index, range.low, range.high, reverse), range),
  );
  const direction = reverse ? -1 : 1;
  return recordsAtEnd(mergeSorted(streams, (a, b) => direction * Buffer.compare(a, b)));
}

function* suffixes(keys: Iterable<Buffer>, { prefix }: KeyRange): Generator<Buffer> {
  for (const key of keys) yield key.subarray(PREFIX_BYTES + prefix);
}

/** The ranges are read one after the other, each only when the one before it is done. */
function* chain<T>(streams: Iterable<T>[]): Generator<T> {
  for (const stream of streams) yield* stream;
}

function* mergeDocuments(streams: Generator<Found>[], order: (a: unknown, b: unknown) => number): Generator<Found> {
  const decoded = streams.map(function* (stream) {
    for (const found of stream) yield { ...found, document: decodeStored(found.bytes) };
  });
  yield* mergeSorted(decoded, (a, b) => order(a.document, b.document));
}

/** Takes from sorted streams in order, holding one item of each. */
function* mergeSorted<T>(streams: Iterable<T>[], order: (a: T, b: T) => number): Generator<T> {
  const heads: { value: T; rest: Iterator<T> }[] = [];
  const insert = (rest: Iterator<T>): void => {
    const next = rest.next();
    if (next.done) return;
    let low = 0;
    let high = heads.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = heads[middle];
      if (other && order(other.value, next.value) <= 0) low = middle + 1;
      else high = middle;
    }
    heads.splice(low, 0, { value: next.value, rest });
  };
  for (const stream of streams) insert(stream[Symbol.iterator]());
  for (let head = heads.shift(); head; head = heads.shift()) {
    yield head.value;
    insert(head.rest);
  }
}

function* unique<T>(items: Iterable<T>, keyOf: (item: T) => number): Generator<T> {
  const seen = new Set<number>();
  for (const item of items) {
    const key = keyOf(item);
    if (seen.has(key)) continue;
    seen.add(key);
    yield item;
  }
}
