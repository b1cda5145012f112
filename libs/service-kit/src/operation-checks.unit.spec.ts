import { describe, expect, test } from '@jest/globals';
import { CreateProduct, ProductsByIds, SetStock, SignIn, SignUp, typeIds } from '#contracts';
import type { Caller } from './caller.js';
import { checkAccess, checkInput, clientKeyOf, hasResult } from './operation-checks.js';
import { BadInputError, ForbiddenError, fromWireError, InternalError, toWireError } from './service-errors.js';
import { UnauthenticatedError } from './service-errors.js';

const customer: Caller = { accountId: 'a', profileId: 'p', roles: ['customer'], merchantIds: [], sessionId: 's' };

describe('what is checked before a handler runs', () => {
  test('access', () => {
    expect(() => checkAccess(ProductsByIds, null)).not.toThrow();
    expect(() => checkAccess(CreateProduct, null)).toThrow(UnauthenticatedError);
    expect(() => checkAccess(CreateProduct, customer)).not.toThrow();
    expect(() => checkAccess({ ...CreateProduct, access: 'platform' }, customer)).toThrow(ForbiddenError);
    const platform: Caller = { ...customer, roles: ['customer', 'platform'] };
    expect(() => checkAccess({ ...CreateProduct, access: 'platform' }, platform)).not.toThrow();
  });

  test('wrong input is a result with its paths where the contract has one', () => {
    const checked = checkInput(SetStock, { variantId: 'v', onHand: -1.5 });
    expect(checked).toHaveProperty('invalid.__typename', 'InvalidInput');
    expect(checked).toHaveProperty('invalid.fields.0.path', ['onHand']);
  });

  test('what a schema has no words for is told in ours', () => {
    const ids = Array.from({ length: 501 }, () => typeIds.next('product'));
    expect(() => checkInput(ProductsByIds, { ids })).toThrow('ids has more than 500 entries');
  });

  test('wrong input is an error where the contract has no result for it', () => {
    expect(() => checkInput(SignIn, { email: 'a@b.example' })).toThrow(BadInputError);
    expect(() => checkInput(ProductsByIds, { ids: Array.from({ length: 501 }, () => 'x') })).toThrow(BadInputError);
  });

  test('input is normalised as the schema says, and unknown fields are dropped', () => {
    const input = { email: ' Ben@Example.com ', password: '12345678', name: ' Ben ', roles: ['platform'] };
    expect(checkInput(SignUp, input)).toEqual({
      input: { email: 'ben@example.com', password: '12345678', name: 'Ben' },
    });
  });

  test('which results an operation can have', () => {
    expect(hasResult(SetStock, 'IdempotencyConflict')).toBe(true);
    expect(hasResult(SignIn, 'IdempotencyConflict')).toBe(false);
    expect(hasResult(ProductsByIds, 'InvalidInput')).toBe(false);
  });

  test('only commands have a client key', () => {
    expect(clientKeyOf(SetStock, { clientMutationKey: 'k' })).toBe('k');
    expect(clientKeyOf(SetStock, { clientMutationKey: null })).toBeUndefined();
    expect(clientKeyOf(ProductsByIds, { clientMutationKey: 'k' })).toBeUndefined();
  });
});

test('errors are the same on the other side, without a stack', () => {
  for (const error of [new ForbiddenError(), new BadInputError('x'), new InternalError('request_1')]) {
    const wire = JSON.parse(JSON.stringify(toWireError(error))) as ReturnType<typeof toWireError>;
    expect(wire).not.toHaveProperty('stack');
    const back = fromWireError(wire);
    expect(back.constructor).toBe(error.constructor);
    expect([back.code, back.message]).toEqual([error.code, error.message]);
  }
});
