import { BSONRegExp } from 'bson';
import { clone, getField, isDocument, isTrue, numberOf, REFERENCE_FIELDS, type Document } from '../bson/document.js';
import type { TopFields } from '../bson/stored.js';
import { badValue, notImplemented } from '../errors.js';
import { checkExpression } from '../expression/check.js';
import { evaluate, impliedEqualities } from '../expression/evaluate.js';
import { schemaTest } from './json-schema.js';
import { leaf, partsOf, regexLeaf } from './leaf.js';
import type { ElementMatch, Leaf, Node } from './node.js';
import { positionAt, someAt, wholeAt } from './path.js';

/** A compiled query filter. */
export interface Filter {
  readonly source: Document;
  readonly root: Node;
  /** The fields at the top that it looks at; undefined when that may be any. */
  readonly fields: TopFields;
  matches(document: unknown): boolean;
  /** Which array element the filter matched in this document, for the positional operators. */
  position(document: unknown): number | undefined;
}

/** Compiles a filter; throws BadValue for operators or operands that MongoDB does not accept. */
export function compileFilter(source: Document, variables: Document = {}): Filter {
  const root = parseDocument(source, variables);
  return {
    source,
    root,
    fields: topFields(root),
    matches: (document) => matches(root, document),
    position: (document) => position(root, document),
  };
}

function topFields(root: Node): TopFields {
  const found = new Set<string>();
  return addTopFields(root, found) ? found : undefined;
}

function addTopFields(node: Node, found: Set<string>): boolean {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.nodes.every((child) => addTopFields(child, found));
    case 'not':
      return addTopFields(node.node, found);
    case 'leaf':
    case 'elements':
      found.add(node.parts[0] ?? '');
      return node.parts.length > 0;
    case 'opaque':
      return false;
  }
}

/** The filter as a condition on array elements that need not be documents (`$pull`, arrayFilters). */
export function compileElementCondition(source: Document): Filter {
  const root = isOnValue(source) ? parseOperators('', source, {}) : parseDocument(source, {});
  return { source, root, fields: undefined, matches: (value) => matches(root, value), position: () => undefined };
}

/** `{ $gt: 1 }` rather than `{ a: 1 }`. */
export function isOperators(value: unknown): value is Document {
  if (!isDocument(value)) return false;
  const first = Object.keys(value)[0];
  return first !== undefined && first.startsWith('$') && !REFERENCE_FIELDS.has(first);
}

const LOGICAL = new Set(['$and', '$or', '$nor', '$expr']);

/** Operators on an element itself, not on the fields of one that is a document. */
function isOnValue(source: Document): boolean {
  return isOperators(source) && !LOGICAL.has(Object.keys(source)[0] ?? '');
}

function parseDocument(source: Document, variables: Document): Node {
  const nodes = Object.entries(source).flatMap(([name, operand]) =>
    name.startsWith('$') && !REFERENCE_FIELDS.has(name)
      ? parseTopLevel(name, operand, variables)
      : [parseField(name, operand, variables)],
  );
  return nodes.length === 1 && nodes[0] ? nodes[0] : { kind: 'and', nodes };
}

function parseTopLevel(name: string, operand: unknown, variables: Document): Node[] {
  switch (name) {
    case '$and':
      return parseList(name, operand, variables);
    case '$or':
      return [{ kind: 'or', nodes: parseList(name, operand, variables) }];
    case '$nor':
      return [{ kind: 'not', node: { kind: 'or', nodes: parseList(name, operand, variables) } }];
    case '$expr':
      checkExpression(operand);
      return [
        {
          kind: 'opaque',
          test: (document) => isTrue(evaluate(operand, document, variables)),
          implied: impliedEqualities(operand, variables).flatMap(({ path, value }) => leaf(path, '$eq', value) ?? []),
        },
      ];
    case '$jsonSchema':
      return [{ kind: 'opaque', test: schemaTest(operand) }];
    case '$sampleRate':
      return [{ kind: 'opaque', test: sampleTest(operand) }];
    case '$comment':
      return [];
    case '$text':
    case '$where':
      throw notImplemented(name);
    default:
      throw badValue(`unknown top level operator: ${name}`);
  }
}

/** Each document anew, as by the expression that MongoDB makes of it. */
function sampleTest(operand: unknown): (document: unknown) => boolean {
  const rate = numberOf(operand);
  if (rate === undefined) throw badValue('argument to $sampleRate must be a numeric type');
  if (!(rate >= 0 && rate <= 1)) throw badValue('numeric argument to $sampleRate must be in [0, 1]');
  const sampled = { $lt: [{ $rand: {} }, rate] };
  return (document) => isTrue(evaluate(sampled, document, {}));
}

function parseList(name: string, operand: unknown, variables: Document): Node[] {
  if (!Array.isArray(operand) || operand.length === 0) throw badValue(`${name} must be a nonempty array`);
  return operand.map((item) => {
    if (!isDocument(item)) throw badValue(`${name} entries need to be full objects`);
    return parseDocument(item, variables);
  });
}

function parseField(path: string, operand: unknown, variables: Document): Node {
  if (operand instanceof BSONRegExp) return regexLeaf(path, operand, undefined);
  if (isOperators(operand)) return parseOperators(path, operand, variables);
  return required(path, '$eq', clone(operand));
}

function parseOperators(path: string, operators: Document, variables: Document): Node {
  const nodes = Object.entries(operators).flatMap(([name, operand]) =>
    parseOperator(path, name, operand, operators, variables),
  );
  return nodes.length === 1 && nodes[0] ? nodes[0] : { kind: 'and', nodes };
}

function parseOperator(path: string, name: string, operand: unknown, all: Document, variables: Document): Node[] {
  switch (name) {
    case '$ne':
      if (operand instanceof BSONRegExp) throw badValue("Can't have regex as arg to $ne.");
      return [{ kind: 'not', node: required(path, '$eq', operand) }];
    case '$nin':
      return [{ kind: 'not', node: required(path, '$in', operand) }];
    case '$exists': {
      const node = required(path, '$exists', true);
      return [isTrue(operand) ? node : { kind: 'not', node }];
    }
    case '$not':
      return [{ kind: 'not', node: parseNegated(path, operand, variables) }];
    case '$regex':
      return [regexLeaf(path, operand, getField(all, '$options'))];
    case '$options':
      if (!('$regex' in all)) throw badValue('$options needs a $regex');
      return [];
    case '$elemMatch':
      return [parseElements(path, operand, variables)];
    case '$all':
      return [parseAll(path, operand, variables)];
    case '$comment':
      return [];
    default:
      return [required(path, name, operand)];
  }
}

function parseNegated(path: string, operand: unknown, variables: Document): Node {
  if (operand instanceof BSONRegExp) return regexLeaf(path, operand, undefined);
  if (!isOperators(operand)) throw badValue('$not needs a regex or a document');
  return parseOperators(path, operand, variables);
}

function parseElements(path: string, operand: unknown, variables: Document): ElementMatch {
  if (!isDocument(operand)) throw badValue('$elemMatch needs an Object');
  const node = isOnValue(operand) ? asWhole(parseOperators('', operand, variables)) : parseDocument(operand, variables);
  return { kind: 'elements', path, parts: partsOf(path), node };
}

/** An element that is an array itself counts as one value, not by its own elements. */
function asWhole(node: Node): Node {
  if (node.kind === 'and' || node.kind === 'or') return { ...node, nodes: node.nodes.map(asWhole) };
  if (node.kind === 'not') return { ...node, node: asWhole(node.node) };
  return node.kind === 'leaf' ? { ...node, whole: true } : node;
}

function parseAll(path: string, operand: unknown, variables: Document): Node {
  if (!Array.isArray(operand)) throw badValue('$all needs an array');
  if (operand.length === 0) return { kind: 'or', nodes: [] };
  const nodes = operand.map((item): Node => {
    if (isDocument(item) && '$elemMatch' in item) return parseElements(path, item.$elemMatch, variables);
    return item instanceof BSONRegExp ? regexLeaf(path, item, undefined) : required(path, '$eq', item);
  });
  return { kind: 'and', nodes };
}

function required(path: string, operator: string, operand: unknown): Leaf {
  const node = leaf(path, operator, operand);
  if (node) return node;
  if (/^\$(near|geo|within)/.test(operator)) throw notImplemented(operator);
  throw badValue(`unknown operator: ${operator}`);
}

function matches(node: Node, value: unknown): boolean {
  switch (node.kind) {
    case 'and':
      return node.nodes.every((child) => matches(child, value));
    case 'or':
      return node.nodes.some((child) => matches(child, value));
    case 'not':
      return !matches(node.node, value);
    case 'leaf':
      return node.whole ? wholeAt(value, node.parts, node.test) : someAt(value, node.parts, node.test);
    case 'elements':
      return wholeAt(
        value,
        node.parts,
        (array) => Array.isArray(array) && array.some((item) => elementMatches(node, item)),
      );
    case 'opaque':
      return node.test(value);
  }
}

function elementMatches(node: ElementMatch, item: unknown): boolean {
  return matches(node.node, item);
}

function position(node: Node, value: unknown): number | undefined {
  switch (node.kind) {
    case 'and':
      // Of several arrays the one that was matched last counts.
      return node.nodes.map((child) => position(child, value)).findLast((found) => found !== undefined);
    case 'or': {
      const [child] = node.nodes.filter((each) => matches(each, value));
      return child && position(child, value);
    }
    case 'leaf':
      return positionAt(value, node.parts, node.test);
    case 'elements':
      return positionAt(value, node.parts, (item) => elementMatches(node, item));
    default:
      return undefined;
  }
}
