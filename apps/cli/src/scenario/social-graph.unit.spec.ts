import { describe, expect, test } from '@jest/globals';
import { madeUpGraph } from './made-up.js';
import { GraphFormatError, readGraph } from './social-graph.js';

describe('an edge list', () => {
  test('gives two follows for each friendship, once', () => {
    const graph = readGraph('1 0\n2 1\n0 1\n\n', 10);
    expect(graph.people).toBe(3);
    expect(graph.follows.toSorted()).toEqual([
      [0, 1],
      [1, 0],
      [1, 2],
      [2, 1],
    ]);
  });

  test('gives the first people by number and what is between them', () => {
    const graph = readGraph('10 7\n7 3\r\n3 10\n99 3', 2);
    expect(graph).toEqual({
      people: 2,
      follows: [
        [1, 0],
        [0, 1],
      ],
    });
  });

  test('has nobody who follows themselves, and may have comments', () => {
    expect(readGraph('% a graph\n# of one\n4 4\n', 5)).toEqual({ people: 1, follows: [] });
  });

  test.each(['1', '1 2 3', 'a b', '1,2'])('is not «%s»', (line) => {
    expect(() => readGraph(`0 1\n${line}\n`, 5)).toThrow(GraphFormatError);
  });

  test('made up, is a ring', () => {
    expect(madeUpGraph(3).follows).toHaveLength(6);
    expect(madeUpGraph(1)).toEqual({ people: 1, follows: [] });
    expect(madeUpGraph(2).follows.every(([follower, followee]) => follower !== followee)).toBe(true);
  });
});
