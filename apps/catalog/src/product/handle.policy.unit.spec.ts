import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { CreateProduct } from '#contracts';
import { handleBase, handleCandidates } from './handle.policy.js';

const isHandle = (handle: string): boolean =>
  CreateProduct.input.safeParse({
    merchantId: 'm',
    handle,
    title: 't',
    description: '',
    tags: [],
    images: [],
    status: 'ACTIVE',
    variants: [{ options: [], price: { amountMinor: 1, currency: 'EUR' }, onHand: 0 }],
  }).success;

describe('a handle made from a title', () => {
  test.each([
    ['Desk lamp', 'desk-lamp'],
    ['Crème brûlée №5 (½ kg)', 'creme-brulee-no5-1-2-kg'],
    ['  --Ça & là--  ', 'ca-la'],
    ['台灯', ''],
    ['💡👩🏽‍🚀', ''],
  ])('%j → %j', (title, base) => {
    expect(handleBase(title)).toBe(base);
  });

  test('is the title alone at first, then numbered, then told apart by what follows from the seed', () => {
    const candidates = handleCandidates('Desk lamp', 'seed');
    expect(candidates.slice(0, 3)).toEqual(['desk-lamp', 'desk-lamp-2', 'desk-lamp-3']);
    expect(candidates[3]).toMatch(/^desk-lamp-[0-9a-f]{8}$/);
    expect(handleCandidates('Desk lamp', 'other')[3]).not.toBe(candidates[3]);
    expect(handleCandidates('台灯', 'seed')[0]).toMatch(/^product-[0-9a-f]{8}$/);
  });

  test('is one that the contract takes, whatever the title', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.string(), (title, seed) => {
        const candidates = handleCandidates(title, seed);
        expect(new Set(candidates).size).toBe(candidates.length);
        expect(candidates.filter((candidate) => !isHandle(candidate))).toEqual([]);
      }),
    );
  });
});
