import { expect, test } from '@jest/globals';
import { OperationContext } from './operation-context.js';
import { UnauthenticatedError } from './service-errors.js';

const at = new Date('2026-01-01T00:00:00Z');
const context = (commandId: string): OperationContext =>
  new OperationContext({ caller: null, commandId, at, isFirstRun: true, deadlineAt: at });

test('a command run again makes the same ids', () => {
  expect(context('c').newId('post')).toBe(context('c').newId('post'));
  expect(context('c').newId('post')).not.toBe(context('d').newId('post'));
  expect(context('c').newId('line', '0')).not.toBe(context('c').newId('line', '1'));
  expect(context('c').newId('post')).toMatch(/^post_[0-9a-z]{26}$/);
});

test('nobody has no account', () => {
  expect(() => context('c').accountId).toThrow(UnauthenticatedError);
});
