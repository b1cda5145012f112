import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { problemOf } from './problem.js';

test.each([
  [z.int(), undefined, 'is missing'],
  [z.int(), 1.5, 'is no whole number'],
  [z.string(), 7, 'is no string'],
  [z.enum(['on', 'off']), 'maybe', 'is none of on, off'],
  [z.number().min(1), 0, 'is less than 1'],
  [z.number().max(30_000), 30_001, 'is more than 30,000'],
  [z.string().min(1), '', 'is empty'],
  [z.string().min(8), 'short', 'is shorter than 8 characters'],
  [z.string().max(100), 'x'.repeat(101), 'is longer than 100 characters'],
  [z.array(z.int()).min(1), [], 'is empty'],
  [z.array(z.int()).min(2), [1], 'has fewer than 2 entries'],
  [z.array(z.int()).max(1), [1, 2], 'has more than 1 entries'],
  [z.int('is odd'), 'x', 'is odd'],
])('%# of a value it says what is wrong', (schema, value, problem) => {
  expect(schema.safeParse(value, { error: problemOf }).error?.issues[0]?.message).toBe(problem);
});
