export interface SocialGraph {
  /** People are numbered from 0. */
  readonly people: number;
  /** Who follows whom. */
  readonly follows: readonly (readonly [follower: number, followee: number])[];
}

/** A line is not two numbers. */
export class GraphFormatError extends Error {
  readonly code = 'SCENARIO.GRAPH_FORMAT';
}

/**
 * Reads an edge list, one `a b` a line, of friendships: each is two follows. Takes the first people by number, as many
 * as are asked for and there are. Errors: GraphFormatError.
 */
export function readGraph(text: string, most: number): SocialGraph {
  const edges = text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('%') || line.startsWith('#')) return [];
    const [, a, b] = /^\s*(\d+)\s+(\d+)\s*$/.exec(line) ?? [];
    if (a === undefined || b === undefined) throw new GraphFormatError(`line ${index + 1} is no edge: ${line}`);
    return [[Number(a), Number(b)] as const];
  });
  const numbers = [...new Set(edges.flat())].toSorted((left, right) => left - right).slice(0, most);
  const place = new Map(numbers.map((number, index) => [number, index]));
  const follows = new Map<string, readonly [number, number]>();
  for (const [a, b] of edges) {
    const [left, right] = [place.get(a), place.get(b)];
    if (left === undefined || right === undefined || left === right) continue;
    follows.set(`${left} ${right}`, [left, right]);
    follows.set(`${right} ${left}`, [right, left]);
  }
  return { people: numbers.length, follows: [...follows.values()] };
}
