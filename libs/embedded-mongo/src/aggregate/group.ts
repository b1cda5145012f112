import { Lazy } from 'mingo/lazy';
import type { AnyObject, Options } from 'mingo/types';
import { isDocument, type Document } from '../bson/document.js';
import { encodeKey } from '../bson/key.js';
import { valuesFor } from '../expression/accumulators.js';
import { accumulatorOperators } from '../expression/evaluate.js';
import type { Stage } from './stage.js';

type Accumulator = (members: AnyObject[], operand: unknown, options: Options) => unknown;

const ACCUMULATORS: Record<string, unknown> = accumulatorOperators;

const isAccumulator = (value: unknown): value is Accumulator => typeof value === 'function';

/** Equal for what BSON calls equal; text and whole numbers, which most groups are by, in a short form. */
function keyText(value: unknown): string {
  if (typeof value === 'string') return `s${value}`;
  return encodeKey(value).toString('latin1');
}

/** One field of a group: its accumulator on the members. */
function fieldOf(accumulator: unknown, members: Document[], options: Options): unknown {
  const [name = ''] = isDocument(accumulator) ? Object.keys(accumulator) : [];
  const accumulate = ACCUMULATORS[name];
  return isDocument(accumulator) && isAccumulator(accumulate) ? accumulate(members, accumulator[name], options) : null;
}

/** `$group`: documents by the value of `_id`, each group with its accumulators; a missing value is null. */
export const group: Stage = (documents, { _id: expression, ...fields }, options) =>
  documents.transform((items: Document[]) => {
    const groups = new Map<string, { id: unknown; members: Document[] }>();
    for (const [i, value] of valuesFor(items, expression, options).entries()) {
      const id = value ?? null;
      const text = keyText(id);
      const known = groups.get(text);
      const item = items[i] ?? {};
      if (known) known.members.push(item);
      else groups.set(text, { id, members: [item] });
    }
    const results = [...groups.values()].map(({ id, members }) => {
      const result: Document = { _id: id };
      for (const name of Object.keys(fields)) result[name] = fieldOf(fields[name], members, options);
      return result;
    });
    return Lazy(results);
  });
