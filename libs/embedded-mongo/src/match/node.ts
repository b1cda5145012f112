import type { Test } from './path.js';

/** A filter as a tree, which the matcher runs and the planner reads. */
export type Node = Group | Negation | Leaf | ElementMatch | Opaque;

export interface Group {
  kind: 'and' | 'or';
  nodes: Node[];
}

export interface Negation {
  kind: 'not';
  node: Node;
}

/** One operator on one path. */
export interface Leaf {
  kind: 'leaf';
  path: string;
  parts: string[];
  operator: string;
  operand: unknown;
  test: Test;
  /** An array at the path's end counts as a whole only ($size). */
  whole: boolean;
}

/** `$elemMatch`: the nodes hold for one and the same element (paths are relative to it). */
export interface ElementMatch {
  kind: 'elements';
  path: string;
  parts: string[];
  node: Node;
}

/** A predicate on the whole document that the planner does not look into ($expr, $jsonSchema). */
export interface Opaque {
  kind: 'opaque';
  test: Test;
  /** Equalities that follow from it, for the planner only. */
  implied?: Leaf[];
}
