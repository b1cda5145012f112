import type { Leaf, Node } from '../match/node.js';

/** One condition that every match meets. */
export interface Predicate {
  path: string;
  operator: string;
  operand: unknown;
  negated: boolean;
  /** The `$elemMatch` it belongs to: conditions of one scope hold for the same element. */
  scope?: { id: object; path: string };
}

export interface Conjunction {
  predicates: Predicate[];
  /** Each is an `$or`: one of its branches holds. */
  alternatives: Node[][];
  /** Nothing in the filter is left out of the predicates. */
  complete: boolean;
}

/** The conditions of a filter that must all hold. */
export function conjunctionOf(root: Node): Conjunction {
  const result: Conjunction = { predicates: [], alternatives: [], complete: true };
  collect(root, '', undefined, result);
  return result;
}

function collect(node: Node, base: string, scope: Predicate['scope'], result: Conjunction): void {
  switch (node.kind) {
    case 'and':
      return node.nodes.forEach((child) => collect(child, base, scope, result));
    case 'leaf':
      return void result.predicates.push(predicate(node, base, false, scope));
    case 'not':
      return collectNegation(node.node, base, scope, result);
    case 'or':
      return collectAlternatives(node.nodes, base, scope, result);
    case 'elements': {
      const path = join(base, node.path);
      result.complete = false;
      return collect(node.node, path, { id: node, path }, result);
    }
    case 'opaque':
      result.complete = false;
      if (base === '') node.implied?.forEach((leaf) => result.predicates.push(predicate(leaf, base, false, scope)));
  }
}

function collectNegation(node: Node, base: string, scope: Predicate['scope'], result: Conjunction): void {
  result.complete = false;
  if (node.kind === 'leaf') result.predicates.push(predicate(node, base, true, scope));
  else if (node.kind === 'or') node.nodes.forEach((child) => collectNegation(child, base, scope, result));
}

function collectAlternatives(nodes: Node[], base: string, scope: Predicate['scope'], result: Conjunction): void {
  const [only] = nodes;
  if (nodes.length === 1 && only) return collect(only, base, scope, result);
  result.complete = false;
  if (base === '') result.alternatives.push(nodes);
}

function predicate(leaf: Leaf, base: string, negated: boolean, scope: Predicate['scope']): Predicate {
  const { operator, operand } = leaf;
  const path = join(base, leaf.path);
  return scope ? { path, operator, operand, negated, scope } : { path, operator, operand, negated };
}

function join(base: string, path: string): string {
  return base === '' || path === '' ? base + path : `${base}.${path}`;
}
