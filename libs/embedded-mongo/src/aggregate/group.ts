import { Lazy } from 'mingo/lazy';
import type { AnyObject, Options } from 'mingo/types';
import { isDocument, setField, type Document } from '../bson/document.js';
import { encodeKey } from '../bson/key.js';
import { ACCUMULATIONS, type Accumulation } from '../expression/accumulations.js';
import { compileExpression } from '../expression/compiled.js';
import { accumulatorOperators } from '../expression/evaluate.js';
import { iterate, type Stage } from './stage.js';

type Accumulator = (members: AnyObject[], operand: unknown, options: Options) => unknown;

const ACCUMULATORS: Record<string, unknown> = accumulatorOperators;
const OWN: Record<string, () => Accumulation> = ACCUMULATIONS;

const isAccumulator = (value: unknown): value is Accumulator => typeof value === 'function';

/** Equal for what BSON calls equal; text, which most groups are by, in a short form. */
function keyText(value: unknown): string {
  if (typeof value === 'string') return `s${value}`;
  return encodeKey(value).toString('latin1');
}

/** One of mingo's accumulators, which want all members of the group at once. */
class Members implements Accumulation {
  private readonly members: Document[] = [];

  constructor(private readonly finish: (members: Document[]) => unknown) {}

  add(member: unknown): void {
    if (isDocument(member)) this.members.push(member);
  }

  result(): unknown {
    return this.finish(this.members);
  }
}

interface Field {
  name: string;
  start: () => Accumulation;
  value: (document: Document) => unknown;
}

function compileField(name: string, accumulator: unknown, options: Options): Field {
  const [operator = ''] = isDocument(accumulator) ? Object.keys(accumulator) : [];
  const operand = isDocument(accumulator) ? accumulator[operator] : undefined;
  const start = Object.hasOwn(OWN, operator) ? OWN[operator] : undefined;
  if (start) return { name, start, value: compileExpression(operand, options) };
  const mingos = ACCUMULATORS[operator];
  const finish = (members: Document[]) => (isAccumulator(mingos) ? mingos(members, operand, options) : null);
  return { name, start: () => new Members(finish), value: (document) => document };
}

interface Group {
  id: unknown;
  accumulations: Accumulation[];
}

/** `$group`: documents by the value of `_id`, each group with its accumulators; a missing value is null. */
export const group: Stage = (documents, { _id: expression, ...operand }, options) => {
  const idOf = compileExpression(expression, options);
  const fields = Object.entries(operand).map(([name, accumulator]) => compileField(name, accumulator, options));
  function* groups(): Generator<Document | undefined> {
    const found = new Map<string, Group>();
    for (const document of iterate(documents)) {
      if (!document) {
        yield undefined;
        continue;
      }
      const id = idOf(document) ?? null;
      const text = keyText(id);
      let known = found.get(text);
      if (!known) found.set(text, (known = { id, accumulations: fields.map(({ start }) => start()) }));
      for (let i = 0; i < fields.length; i++) known.accumulations[i]?.add(fields[i]?.value(document));
    }
    for (const each of found.values()) yield resultOf(each, fields);
  }
  return Lazy(groups());
};

function resultOf({ id, accumulations }: Group, fields: Field[]): Document {
  const result: Document = { _id: id };
  fields.forEach(({ name }, i) => setField(result, name, accumulations[i]?.result()));
  return result;
}
