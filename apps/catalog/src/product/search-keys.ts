import { createHash } from 'node:crypto';
import type { InputOf, SearchProducts } from '#contracts';
import { queryTerms, searchTerms } from '#persistence';
import type { Product } from './product.js';

type Filter = NonNullable<InputOf<typeof SearchProducts>['filter']>;

/** On every product that is on sale. Words are letters and digits only, so nothing else begins with a hash. */
const ON_SALE = '#on-sale';
const LONGEST_VALUE = 60;

/**
 * All that a product is found under, as one array: one index on it and the id answers every combination of words and
 * filters in the order of the list. Empty unless the product is on sale.
 */
export function searchKeys(product: Product): string[] {
  if (product.status !== 'ACTIVE') return [];
  const { title, vendor, category, tags, merchantId, variants } = product;
  const keys = [
    ON_SALE,
    key('merchant', merchantId),
    ...(category === null ? [] : [key('category', category)]),
    ...tags.map((tag) => key('tag', tag)),
    ...variants.flatMap(({ sku }) => (sku === null ? [] : [key('sku', sku)])),
    ...searchTerms(title, vendor, category, ...tags),
  ];
  return [...new Set(keys)];
}

/** What a product has to have, the rarest kind first: the first one is looked up, the rest checked. Null: nothing can match. */
export function wantedKeys(query: string | null | undefined, filter: Filter | null | undefined): string[] | null {
  const words = queryTerms(query ?? '').toSorted((left, right) => right.length - left.length);
  if (words.length === 0 && query?.trim()) return null;
  const { sku, tag, category, merchantId } = filter ?? {};
  const wanted = [
    ...(sku ? [key('sku', sku)] : []),
    ...words,
    ...(tag ? [key('tag', tag)] : []),
    ...(category ? [key('category', category)] : []),
    ...(merchantId ? [key('merchant', merchantId)] : []),
  ];
  return wanted.length > 0 ? wanted : [ON_SALE];
}

/** Cases and compatibility forms are one. Long values are cut short, so that an index takes them. */
function key(kind: 'merchant' | 'category' | 'tag' | 'sku', value: string): string {
  const folded = value.normalize('NFKC').trim().toLowerCase();
  const short = folded.length <= LONGEST_VALUE ? folded : createHash('sha256').update(folded).digest('hex');
  return `#${kind} ${short}`;
}
