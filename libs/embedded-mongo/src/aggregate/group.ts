import { Lazy, type Iterator } from 'mingo/lazy';
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

/** An accumulator that holds no more than it needs of the values that it is given. */
export const isOwnAccumulator = (operator: string): boolean => Object.hasOwn(OWN, operator);

const keyText = (value: unknown): string => encodeKey(value).toString('latin1');

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
  const start = isOwnAccumulator(operator) ? OWN[operator] : undefined;
  if (start) return { name, start, value: compileExpression(operand, options) };
  const mingos = ACCUMULATORS[operator];
  const finish = (members: Document[]) => (isAccumulator(mingos) ? mingos(members, operand, options) : null);
  return { name, start: () => new Members(finish), value: (document) => document };
}

/**
 * A missing value is null as a key, also as the only field of one: `{ a: '$a' }` puts null and missing together, which
 * `{ a: '$a', b: '$b' }` keeps apart (SERVER-21992).
 */
function compileKey(expression: unknown, options: Options): (document: Document) => unknown {
  const [name, ...others] = isDocument(expression) ? Object.keys(expression) : [];
  if (!isDocument(expression) || name === undefined || name.startsWith('$') || others.length > 0) {
    const keyOf = compileExpression(expression, options);
    return (document) => keyOf(document) ?? null;
  }
  const valueOf = compileExpression(expression[name], options);
  return (document) => {
    const key: Document = {};
    setField(key, name, valueOf(document) ?? null);
    return key;
  };
}

interface Group {
  id: unknown;
  accumulations: Accumulation[];
}

/** `$group`: documents by the value of `_id`, each group with its accumulators; a missing value is null. */
export class Groups {
  private readonly idOf: (document: Document) => unknown;
  private readonly fields: Field[];
  private readonly all: Group[] = [];
  /** Text, which most groups are by, as it is; everything else as bytes that are equal for what BSON calls equal. */
  private readonly byText = new Map<string, Group>();
  private readonly byKey = new Map<string, Group>();

  constructor({ _id: expression, ...operand }: Document, options: Options) {
    this.idOf = compileKey(expression, options);
    this.fields = Object.entries(operand).map(([name, accumulator]) => compileField(name, accumulator, options));
  }

  add(document: Document): void {
    const { fields } = this;
    const { accumulations } = this.groupOf(this.idOf(document));
    for (let i = 0; i < fields.length; i++) accumulations[i]?.add(fields[i]?.value(document));
  }

  private groupOf(id: unknown): Group {
    return typeof id === 'string' ? this.at(this.byText, id, id) : this.at(this.byKey, keyText(id), id);
  }

  private at(groups: Map<string, Group>, key: string, id: unknown): Group {
    let group = groups.get(key);
    if (!group) {
      group = { id, accumulations: this.fields.map(({ start }) => start()) };
      groups.set(key, group);
      this.all.push(group);
    }
    return group;
  }

  *results(): Generator<Document> {
    for (const { id, accumulations } of this.all) {
      const result: Document = { _id: id };
      this.fields.forEach(({ name }, i) => setField(result, name, accumulations[i]?.result()));
      yield result;
    }
  }
}

/** The groups, once all documents are in them; undefined is handed on. */
export function collected(documents: Iterator, groups: Groups, add: (document: Document) => void): Iterator {
  function* results(): Generator<Document | undefined> {
    for (const document of iterate(documents)) {
      if (document) add(document);
      else yield undefined;
    }
    yield* groups.results();
  }
  return Lazy(results());
}

export const group: Stage = (documents, operand, options) => {
  const groups = new Groups(operand, options);
  return collected(documents, groups, (document) => groups.add(document));
};
