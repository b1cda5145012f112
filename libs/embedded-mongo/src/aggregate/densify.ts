import { Lazy } from 'mingo/lazy';
import { compareValues } from '../bson/compare.js';
import { isDate, isDocument, type Document } from '../bson/document.js';
import { encodeKey } from '../bson/key.js';
import { isNumeric } from '../bson/number.js';
import { failedToParse, MongoError } from '../errors.js';
import { evaluate } from '../expression/evaluate.js';
import { productOf, real, sumOf } from '../expression/numeric.js';
import { valueAt } from '../match/path.js';
import { withPath } from '../projection/set-path.js';
import type { Stage } from './stage.js';

interface Range {
  step: unknown;
  unit: unknown;
  bounds: unknown;
}

/** Values from `low` on in equal steps, up to `high`: with it, or, where bounds are given, without. */
interface Grid {
  low: unknown;
  high: unknown;
  open: boolean;
}

/** `$densify`: a document for each missing step of a sequence of numbers or dates, per partition. */
export const densify: Stage = (documents, { field, partitionByFields = [], range }) => {
  const read = rangeOf(range);
  const parts = String(field).split('.');
  const names = (partitionByFields as unknown[]).map(String);
  return documents.transform((items: Document[]) => {
    const valued = items.filter((item) => (valueAt(item, parts) ?? null) !== null);
    const without = items.filter((item) => (valueAt(item, parts) ?? null) === null);
    const partitions = new Map<string, Document[]>();
    for (const item of valued) {
      const key = encodeKey(names.map((name) => valueAt(item, name.split('.')))).toString('latin1');
      partitions.set(key, [...(partitions.get(key) ?? []), item]);
    }
    const all = extent(valued, parts);
    const dense = [...partitions.values()].flatMap((members) =>
      fill(members, { parts, names, range: read, grid: gridOf(read, all, extent(members, parts)) }),
    );
    return Lazy([...without, ...dense]);
  });
};

function rangeOf(range: unknown): Range {
  if (!isDocument(range)) throw failedToParse("$densify: 'range' must be an object");
  const { step } = range;
  if (!isNumeric(step) || !(real(step) > 0))
    throw new MongoError(5733401, 'the step parameter must be a positive number');
  return { step, unit: range.unit, bounds: range.bounds };
}

function extent(items: Document[], parts: string[]): Pick<Grid, 'low' | 'high'> {
  const values = items.map((item) => valueAt(item, parts)).toSorted(compareValues);
  return { low: values[0], high: values.at(-1) };
}

function gridOf({ bounds }: Range, all: Pick<Grid, 'low' | 'high'>, own: Pick<Grid, 'low' | 'high'>): Grid {
  if (bounds === 'full') return { ...all, open: false };
  if (bounds === 'partition') return { ...own, open: false };
  if (Array.isArray(bounds) && bounds.length === 2) return { low: bounds[0], high: bounds[1], open: true };
  throw failedToParse("$densify: 'bounds' must be 'full', 'partition' or an array of two");
}

interface Filling {
  parts: string[];
  names: string[];
  range: Range;
  grid: Grid;
}

function fill(members: Document[], { parts, names, range, grid }: Filling): Document[] {
  const [first = {}] = members;
  const base = names.reduce<Document>(
    (document, name) => withPath(document, name.split('.'), valueAt(first, name.split('.'))) as Document,
    {},
  );
  const present = new Set(members.map((item) => encodeKey(valueAt(item, parts)).toString('latin1')));
  const made: Document[] = [];
  for (let n = 0, value = grid.low; isWithin(value, grid); value = step(grid.low, range, ++n)) {
    if (!present.has(encodeKey(value).toString('latin1'))) made.push(withPath(base, parts, value) as Document);
  }
  return [...members, ...made].toSorted((a, b) => compareValues(valueAt(a, parts), valueAt(b, parts)));
}

function isWithin(value: unknown, { high, open }: Grid): boolean {
  const order = compareValues(value, high);
  return open ? order < 0 : order <= 0;
}

function step(low: unknown, { step: size, unit }: Range, n: number): unknown {
  if (isNumeric(low)) return sumOf(low, productOf(n, size));
  if (!isDate(low) || unit === undefined) throw new MongoError(5733201, '$densify needs numbers, or dates and a unit');
  return evaluate({ $dateAdd: { startDate: low, unit, amount: productOf(n, size) } }, {});
}
