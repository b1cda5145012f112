import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { idFrom, money, type NewEvent } from '#contracts';
import { priceProblems, problemsOf, sizeProblems } from './product-problems.js';
import {
  changeProduct,
  changeVariant,
  createProduct,
  optionsKey,
  priceFrom,
  reviseProduct,
  snapshotOf,
  type Product,
  type ProductDraft,
  type VariantDraft,
} from './product.js';

const T0 = new Date('2026-11-25T12:00:00.000Z');
const LATER = new Date('2026-11-25T13:00:00.000Z');
const ID = idFrom('product', T0, '');
const OWNER = { merchantId: idFrom('merchant', T0, ''), externalKey: 'external 1', handle: 'lamp' };
const eur = (amountMinor: number) => money(amountMinor, 'EUR');
const size = (value: string) => [{ name: 'Size', value }];
const variantDraft = (value: string, more: Partial<VariantDraft> = {}): VariantDraft => ({
  options: size(value),
  price: eur(4900),
  onHand: 3,
  ...more,
});
const draftOf = (...variants: VariantDraft[]): ProductDraft => ({
  title: 'Lamp',
  description: 'Shines.',
  tags: ['light'],
  images: [{ url: 'https://example.org/lamp.jpg' }],
  status: 'ACTIVE',
  variants,
});
const ids = (seed: string): string => idFrom('variant', T0, seed);
const create = (draft: ProductDraft) => createProduct(ID, OWNER, draft, ids, T0);
const revise = (before: Product, draft: ProductDraft) => reviseProduct(ID, before, draft, ids, LATER);
const types = (events: readonly NewEvent[] = []): string[] => events.map(({ contract }) => contract.type);
const variantWith = ({ variants }: Product, value: string) => {
  const found = variants.find(({ options }) => options[0]?.value === value);
  if (found === undefined) throw new Error(`no ${value}`);
  return found;
};

describe('a product', () => {
  test('is told with all of it but its description, by an event that holds to its contract', () => {
    const { state, events } = create(draftOf(variantDraft('S'), variantDraft('M', { price: eur(5900) })));
    const [created] = events;
    expect(created?.contract.schema.parse(created.data)).toMatchObject({
      productId: ID,
      title: 'Lamp',
      image: { url: 'https://example.org/lamp.jpg' },
      variants: [{ price: eur(4900), priceVersion: 1 }, { price: eur(5900) }],
    });
    expect(created?.data).not.toHaveProperty('description');
    expect(priceFrom(state)).toEqual(eur(4900));
    expect(priceFrom({ variants: [] })).toBeNull();
  });

  test('takes an empty text for none, and each tag once', () => {
    const draft = { ...draftOf(variantDraft('S', { sku: '' })), vendor: '', category: '', tags: ['a', 'b', 'a'] };
    const { state } = create(draft);
    expect(state).toMatchObject({ vendor: null, category: null, tags: ['a', 'b'], variants: [{ sku: null }] });
  });

  test('changes what is given and nothing else', () => {
    const { state } = create({ ...draftOf(variantDraft('S')), vendor: 'Ana' });
    const { state: changed, events } = changeProduct(ID, state, { title: '台灯', vendor: null, tags: null }, LATER);
    expect(changed).toEqual({ ...state, title: '台灯', vendor: null, updatedAt: LATER });
    expect(types(events)).toEqual(['product.changed']);
    expect(changeProduct(ID, state, { title: 'Lamp', status: 'ACTIVE' }, LATER)).toEqual({});
  });
});

describe('a price', () => {
  const { state } = create(draftOf(variantDraft('S'), variantDraft('M')));
  const { id } = variantWith(state, 'S');

  test('has a version that each change bumps, and an event with what it was', () => {
    const { state: changed = state, events = [] } = changeVariant(ID, state, id, { price: eur(4500) }, LATER);
    expect(types(events)).toEqual(['product.changed', 'price.changed']);
    expect(events[1]?.data).toMatchObject({ variantId: id, before: eur(4900), after: eur(4500), priceVersion: 2 });
    expect(variantWith(changed, 'M').priceVersion).toBe(1);
    expect(changeVariant(ID, changed, id, { price: eur(4500) }, LATER)).toEqual({});
  });

  test('stays where it is not given; null takes a compare-at price away, but no price', () => {
    const { state: compared = state } = changeVariant(ID, state, id, { compareAtPrice: eur(9900) }, LATER);
    expect(variantWith(compared, 'S')).toMatchObject({ price: eur(4900), compareAtPrice: eur(9900), priceVersion: 2 });
    const { state: renamed = state, events } = changeVariant(ID, compared, id, { sku: 'L-1' }, LATER);
    expect(variantWith(renamed, 'S')).toMatchObject({ sku: 'L-1', compareAtPrice: eur(9900), priceVersion: 2 });
    expect(types(events)).toEqual(['product.changed']);
    const { state: bare = state } = changeVariant(ID, renamed, id, { price: null, compareAtPrice: null }, LATER);
    expect(variantWith(bare, 'S')).toMatchObject({ price: eur(4900), compareAtPrice: null, priceVersion: 3 });
  });
});

describe('a product that is created again', () => {
  const { state } = create(draftOf(variantDraft('S'), variantDraft('M')));

  test('is the same when nothing is new', () => {
    expect(revise(state, draftOf(variantDraft('S'), variantDraft('M')))).toEqual({});
  });

  test('keeps the ids of variants with the same options, in whatever order these are given', () => {
    const both = (...options: VariantDraft['options']) => draftOf(variantDraft('', { options }));
    const [red, large] = [{ name: 'Color', value: 'red' }, ...size('L')];
    const before = create(both(red, large as { name: string; value: string })).state;
    const { state: after = before } = revise(before, both(large as { name: string; value: string }, red));
    expect(after.variants[0]?.id).toBe(before.variants[0]?.id);
    expect(optionsKey(variantDraft('S'))).not.toBe(optionsKey(variantDraft('M')));
  });

  test('has a new count only where another one is given', () => {
    const next = revise(state, draftOf(variantDraft('S', { onHand: 9 }), variantDraft('M')));
    expect(variantWith(next.state ?? state, 'S').count).toEqual({ onHand: 9, seq: 2 });
    expect(variantWith(next.state ?? state, 'M').count).toEqual({ onHand: 3, seq: 1 });
    expect(types(next.events)).toEqual(['product.changed']);
  });

  test('retires the variants that are left out, and brings them back with id, count and price version', () => {
    const { state: short = state } = revise(state, draftOf(variantDraft('S')));
    expect(short.variants).toHaveLength(1);
    const again = revise(short, draftOf(variantDraft('M', { price: eur(1), onHand: 5 }), variantDraft('S')));
    const back = variantWith(again.state ?? state, 'M');
    expect(back).toMatchObject({ id: variantWith(state, 'M').id, priceVersion: 2, count: { onHand: 5, seq: 2 } });
    expect(again.state?.retired).toEqual([]);
    expect(types(again.events)).toEqual(['product.changed', 'price.changed']);
  });

  test('has, after any run of drafts, what the last one says; ids are never used for two variants', () => {
    const variant = fc.record({ value: fc.constantFrom('S', 'M', 'L'), price: fc.nat(2), onHand: fc.nat(2) });
    const run = fc.array(fc.uniqueArray(variant, { selector: ({ value }) => value, minLength: 1 }), { minLength: 1 });
    fc.assert(
      fc.property(run, (drafts) => {
        const [first, ...others] = drafts.map((variants) =>
          draftOf(...variants.map(({ value, price, onHand }) => variantDraft(value, { price: eur(price), onHand }))),
        );
        let product = create(first ?? draftOf()).state;
        const optionsOf = new Map<string, string>();
        for (const draft of others) {
          const before = product;
          const { state: after, events = [] } = revise(before, draft);
          product = after ?? before;
          const told = product.variants.map(({ options, price, count }) => ({ options, price, onHand: count.onHand }));
          expect(told).toEqual(draft.variants);
          for (const known of [...product.variants, ...product.retired]) {
            expect(optionsOf.get(known.id) ?? optionsKey(known)).toBe(optionsKey(known));
            optionsOf.set(known.id, optionsKey(known));
          }
          const bumped = product.variants.filter((now) =>
            [...before.variants, ...before.retired].some(
              (was) => was.id === now.id && was.priceVersion < now.priceVersion,
            ),
          );
          expect(types(events).filter((type) => type === 'price.changed')).toHaveLength(bumped.length);
        }
        expect(snapshotOf(ID, product).variants).toHaveLength(product.variants.length);
      }),
    );
  });
});

describe('what is wrong with a product', () => {
  test('prices in another currency than the merchant sells in', () => {
    const variants = [variantDraft('S'), variantDraft('M', { compareAtPrice: money(1, 'USD') })];
    expect(problemsOf(variants, 'EUR')).toMatchObject([{ path: ['variants', '1', 'compareAtPrice', 'currency'] }]);
    expect(priceProblems({ price: eur(1) }, 'JPY')).toMatchObject([{ path: ['price', 'currency'] }]);
    expect(priceProblems({ price: null }, 'JPY')).toEqual([]);
  });

  test('two variants with the same options', () => {
    const problems = problemsOf([variantDraft('S'), variantDraft('M'), variantDraft('S')], 'EUR');
    expect(problems).toEqual([{ path: ['variants', '2', 'options'], problem: 'are those of variant 0, too' }]);
  });

  test('more than an event can carry', () => {
    const tags = Array.from({ length: 250 }, (_, index) => `${index}${'灯'.repeat(190)}`);
    const tagged = (count: number) => create({ ...draftOf(variantDraft('S')), tags: tags.slice(0, count) }).state;
    expect(sizeProblems(snapshotOf(ID, tagged(250)))).toHaveLength(1);
    expect(sizeProblems(snapshotOf(ID, tagged(50)))).toEqual([]);
  });
});
