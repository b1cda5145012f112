import type { InvalidField, Money, ProductSnapshot } from '#contracts';
import { optionsKey, type VariantDraft } from './product.js';

/** What an event may have is 64 KB of BSON, which is up to 1.4 times as long as JSON. */
const LONGEST_JSON = 44 * 1024;

/** What is wrong with the variants of a product beyond their form. */
export function problemsOf(variants: readonly VariantDraft[], currency: string): InvalidField[] {
  const firstWith = new Map<string, number>();
  return variants.flatMap((variant, index) => {
    const path = ['variants', String(index)];
    const key = optionsKey(variant);
    const twin = firstWith.get(key);
    firstWith.set(key, twin ?? index);
    return [
      ...priceProblems(variant, currency).map((problem) => ({ ...problem, path: [...path, ...problem.path] })),
      ...(twin === undefined ? [] : [{ path: [...path, 'options'], problem: `are those of variant ${twin}, too` }]),
    ];
  });
}

export const priceProblems = (
  prices: { readonly price?: Money | null | undefined; readonly compareAtPrice?: Money | null | undefined },
  currency: string,
): InvalidField[] =>
  (['price', 'compareAtPrice'] as const).flatMap((field) => {
    const given = prices[field]?.currency;
    if (given === undefined || given === currency) return [];
    return [{ path: [field, 'currency'], problem: `is not ${currency}, in which the merchant sells` }];
  });

/** Every event of a product carries all of it but the description. */
export function sizeProblems(snapshot: ProductSnapshot): InvalidField[] {
  const isTooLong = Buffer.byteLength(JSON.stringify(snapshot)) > LONGEST_JSON;
  return isTooLong ? [{ path: [], problem: `is over ${LONGEST_JSON / 1024} KB without its description` }] : [];
}
