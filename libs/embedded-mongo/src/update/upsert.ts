import { setField, type Document } from '../bson/document.js';
import { MongoError } from '../errors.js';
import type { Filter } from '../match/filter.js';
import type { Node } from '../match/node.js';
import { changeAt } from './path.js';

/** The document that an upsert begins with: the equalities of its query. */
export function seedOf(filter: Filter, onlyId: boolean): Document {
  const seed: Document = {};
  for (const [path, value] of equalities(filter.root)) {
    if (onlyId && path !== '_id') continue;
    if (!path.includes('.')) refuseTwice(seed, path);
    if (path.includes('.')) changeAt(seed, path.split('.'), 'make', () => value);
    else setField(seed, path, value);
  }
  return seed;
}

function refuseTwice(seed: Document, path: string): void {
  if (Object.hasOwn(seed, path)) {
    throw new MongoError(54, `cannot infer query fields to set, path '${path}' is matched twice`);
  }
}

function equalities(node: Node): [path: string, value: unknown][] {
  if (node.kind === 'and') return node.nodes.flatMap(equalities);
  if (node.kind === 'or') return node.nodes.length === 1 && node.nodes[0] ? equalities(node.nodes[0]) : [];
  if (node.kind !== 'leaf') return [];
  if (node.operator === '$eq') return [[node.path, node.operand]];
  const only: unknown = Array.isArray(node.operand) && node.operand.length === 1 ? node.operand[0] : undefined;
  return node.operator === '$in' && only !== undefined ? [[node.path, only]] : [];
}
