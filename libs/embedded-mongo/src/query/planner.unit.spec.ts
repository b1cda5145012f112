import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decode, encode, type Document } from '../bson/document.js';
import { compileFilter } from '../match/filter.js';
import { documentOrder, parseSort } from '../match/sort.js';
import type { Collection } from '../storage/collection.js';
import { Store } from '../storage/store.js';
import { Deadline, execute } from './execute.js';
import { planQuery } from './planner.js';

const FIELDS = ['a', 'b', 'tags', 'items.k', 'items.v'];
const scalar = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom<unknown>('x', 'y', null, true));
const item = fc.record({ k: scalar, v: scalar }, { requiredKeys: [] });
const document = fc.record(
  {
    a: scalar,
    b: scalar,
    tags: fc.array(scalar, { maxLength: 3 }),
    items: fc.oneof(fc.array(item, { maxLength: 3 }), item),
  },
  { requiredKeys: [] },
);
const operator = fc.oneof(
  scalar,
  scalar.map((value) => ({ $gt: value })),
  scalar.map((value) => ({ $lte: value })),
  scalar.map((value) => ({ $ne: value })),
  fc.tuple(scalar, scalar).map(([low, high]) => ({ $gte: low, $lt: high })),
  fc.array(scalar, { maxLength: 3 }).map((values) => ({ $in: values })),
  fc.array(scalar, { maxLength: 2 }).map((values) => ({ $nin: values })),
  fc.boolean().map((exists) => ({ $exists: exists })),
  fc.constantFrom({ $type: 'number' }, { $type: 'null' }, { $not: { $gt: 2 } }),
  fc.constantFrom({ $type: 'array' }, { $size: 1 }),
);
const elements = fc
  .record({ k: operator, v: operator }, { requiredKeys: [] })
  .map((condition) => ({ items: { $elemMatch: condition } }));
const leaf = fc.oneof(fc.dictionary(fc.constantFrom(...FIELDS), operator, { minKeys: 1, maxKeys: 3 }), elements);
const filter: fc.Arbitrary<Document> = fc.oneof(
  leaf,
  leaf,
  fc.array(leaf, { minLength: 1, maxLength: 3 }).map((all) => ({ $or: all })),
  fc.tuple(leaf, fc.array(leaf, { minLength: 1, maxLength: 2 })).map(([one, all]) => ({ ...one, $or: all })),
  fc.tuple(leaf, leaf).map((all) => ({ $and: all })),
  leaf.map((one) => ({ $nor: [one] })),
);
const direction = fc.constantFrom(1, -1);
const keyOf = (...fields: string[]) => fc.dictionary(fc.constantFrom(...fields), direction, { minKeys: 1, maxKeys: 3 });
/** Two arrays of one document cannot be indexed together. */
const key = fc.oneof(keyOf('a', 'b', 'tags'), keyOf('a', 'b', 'items.k', 'items.v'));
const index = fc.record({
  key,
  sparse: fc.boolean(),
  partialFilterExpression: fc.constantFrom<Document | undefined>(
    undefined,
    undefined,
    { a: { $gt: 1 } },
    { b: { $exists: true } },
  ),
});
const sort = fc.oneof(fc.constant({}), key);

let folder: string;
let store: Store;
let last = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'embedded-mongo-'));
  store = Store.open(folder);
});

afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const typed = (source: Document): Document => decode(encode(source));

const collectionWith = (documents: Document[], indexes: Document[]): Promise<Collection> =>
  store.write(() => {
    const collection = store.create('test', `c${++last}`);
    documents.forEach((each, _id) => collection.insert(typed({ _id, ...each })));
    for (const source of indexes) {
      const { index: built, error } = collection.buildIndex(typed(source));
      if (error !== undefined) throw error;
      collection.indexes = [...collection.indexes, built];
    }
    return collection;
  });

function run(collection: Collection, query: Document, order: Document, brief = false): Document[] {
  const compiled = compileFilter(typed(query));
  const plan = planQuery(collection, { filter: compiled, sort: parseSort(typed(order)) });
  const found: Document[] = [];
  const hits = execute({ collection, filter: compiled, plan, deadline: Deadline.after(undefined), brief });
  for (const hit of hits) found.push(hit.document);
  return found;
}

function scan(collection: Collection, query: Document): Document[] {
  const compiled = compileFilter(typed(query));
  return [...collection.scan()].map(({ bytes }) => decode(bytes)).filter((each) => compiled.matches(each));
}

const ids = (documents: Document[]): number[] => documents.map(({ _id }) => Number(_id)).toSorted((x, y) => x - y);

describe('a planned query', () => {
  it('finds what is below no array, and not null there', async () => {
    const indexes = [
      { key: { 'items.k': 1 }, name: 'plain' },
      { key: { 'items.k': 1 }, name: 'sparse', sparse: true },
      { key: { 'items.k': 1 }, name: 'partial', partialFilterExpression: { 'items.k': { $exists: true } } },
    ];
    for (const index of indexes) {
      const collection = await collectionWith([{ items: [] }, { items: [1] }, { items: [{ k: 1 }] }, {}], [index]);
      for (const query of [{ $nor: [{ 'items.k': null }] }, { 'items.k': { $ne: null } }])
        expect(ids(run(collection, query, {}))).toEqual(ids(scan(collection, query)));
    }
  });

  it.each([{ key: { a: 1 } }, { key: { a: -1, b: 1 } }, { key: { _id: -1, a: 1 } }])(
    'finds more values than are taken apart, by ids and by %j, in both orders',
    async ({ key: by }) => {
      const text = (i: number) => String(i).padStart(4, '0');
      const documents = Array.from({ length: 1_300 }, (_, i) => ({ _id: text(i), a: text((i * 7) % 1_300), b: i % 3 }));
      const collection = await collectionWith(documents, [{ key: by, name: 'by' }]);
      const wanted = Array.from({ length: 1_200 }, (_, i) => text((i * 11) % 1_500));
      const values = [...wanted, wanted[0], 5, null];
      for (const field of ['_id', 'a']) {
        for (const more of [{}, { b: 1 }]) {
          const query = { [field]: { $in: values }, ...more };
          const expected = scan(collection, query);
          expect(ids(run(collection, query, {}))).toEqual(ids(expected));
          for (const order of [1, -1]) {
            const inOrder = expected.toSorted(documentOrder(parseSort({ [field]: order })));
            expect(run(collection, query, { [field]: order }, true)).toEqual(inOrder);
          }
        }
      }
    },
  );

  it('finds what a scan with the same filter finds, in the order asked for', async () => {
    const given = fc.record({
      documents: fc.array(document, { maxLength: 12 }),
      indexes: fc.array(index, { minLength: 1, maxLength: 3 }),
      queries: fc.array(fc.record({ filter, sort }), { minLength: 6, maxLength: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(given, async ({ documents, indexes, queries }) => {
        const named = indexes.map((source, i) => ({ ...source, name: `i${i}` }));
        const collection = await collectionWith(documents, named);
        for (const query of queries) {
          const found = run(collection, query.filter, query.sort);
          expect(ids(found)).toEqual(ids(scan(collection, query.filter)));
          expect(run(collection, query.filter, query.sort, true)).toEqual(found);
          const order = documentOrder(parseSort(query.sort));
          found.slice(1).forEach((each, i) => expect(order(found[i], each)).toBeLessThanOrEqual(0));
        }
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});
