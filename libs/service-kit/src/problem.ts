import type { z } from 'zod';

/**
 * What is wrong with a value, as it goes on after the value's name: «is less than 1». For what a schema itself has no
 * words for.
 */
export const problemOf: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type')
    return issue.input === undefined ? 'is missing' : `is no ${kindOf(issue.expected)}`;
  if (issue.code === 'invalid_value') return `is none of ${issue.values.join(', ')}`;
  if (issue.code === 'too_small') return tooSmall(issue.origin, issue.minimum);
  if (issue.code === 'too_big') return tooBig(issue.origin, issue.maximum);
  return undefined;
};

const kindOf = (expected: string): string => (expected === 'int' ? 'whole number' : expected);
const grouped = (bound: number | bigint): string => bound.toLocaleString('en-US');

function tooSmall(origin: string, minimum: number | bigint): string {
  if (origin !== 'string' && origin !== 'array') return `is less than ${grouped(minimum)}`;
  if (minimum === 1) return 'is empty';
  return origin === 'string'
    ? `is shorter than ${grouped(minimum)} characters`
    : `has fewer than ${grouped(minimum)} entries`;
}

function tooBig(origin: string, maximum: number | bigint): string {
  if (origin === 'string') return `is longer than ${grouped(maximum)} characters`;
  if (origin === 'array') return `has more than ${grouped(maximum)} entries`;
  return `is more than ${grouped(maximum)}`;
}
