import type { Document } from 'bson';
import { filter, plainSort, projection, sort } from './filters.js';
import { pipeline } from './pipelines.js';
import type { Random } from './random.js';
import { serviceOperation } from './services.js';
import { positional, replacement, update } from './updates.js';
import { document } from './values.js';

/** Ids lie below this, so that inserts meet what is there now and then. */
export const DOCUMENTS = 40;

const byId = (random: Random): Document => ({ _id: random.below(DOCUMENTS) });

const writes = (random: Random, name: string): Document =>
  random.one<Document>(
    () => ({
      insert: name,
      documents: Array.from({ length: 1 + random.below(3) }, () => document(random, random.below(DOCUMENTS))),
      ordered: random.chance(0.5),
    }),
    () => ({
      insert: name,
      documents: Array.from({ length: 6 }, () => document(random, random.below(DOCUMENTS))),
      ordered: false,
    }),
    // One statement changes one document by its id (which of several would be taken is nobody's promise) or all.
    () => ({ update: name, updates: [{ q: byId(random), ...update(random), upsert: random.chance(0.2) }] }),
    () => ({ update: name, updates: [{ q: filter(random, DOCUMENTS), ...update(random), multi: true }] }),
    () => ({ update: name, updates: [{ q: byId(random), u: replacement(random), upsert: random.chance(0.3) }] }),
    () => ({ update: name, updates: [positional(random, random.below(DOCUMENTS))] }),
    () => ({ delete: name, deletes: [{ q: byId(random), limit: 1 }] }),
    () => ({ delete: name, deletes: [{ q: { ...filter(random, DOCUMENTS), ...byId(random) }, limit: 0 }] }),
    () => ({
      findAndModify: name,
      query: filter(random, DOCUMENTS),
      sort: plainSort(random),
      ...findAndModify(random),
      ...(random.chance(0.3) && { fields: projection(random) }),
    }),
  );

const findAndModify = (random: Random): Document => {
  if (random.chance(0.2)) return { remove: true };
  const { u, arrayFilters } = update(random);
  return { update: u, new: random.chance(0.5), ...(arrayFilters && { arrayFilters }) };
};

const reads = (random: Random, name: string, other: string): Document =>
  random.one<Document>(
    () => ({
      find: name,
      filter: filter(random, DOCUMENTS),
      sort: plainSort(random),
      projection: projection(random),
      ...(random.chance(0.3) && { limit: 1 + random.below(5) }),
      ...(random.chance(0.2) && { skip: random.below(5) }),
      batchSize: 1_000,
    }),
    () => ({ find: name, filter: filter(random, DOCUMENTS), sort: sort(random), batchSize: 1_000 }),
    () => ({ count: name, query: filter(random, DOCUMENTS) }),
    () => ({ count: name, query: filter(random, DOCUMENTS), skip: random.below(4), limit: 1 + random.below(9) }),
    () => ({
      distinct: name,
      key: random.pick(['s', 'tags', 'sub.x', 'n', 'lines.sku', 'any']),
      query: filter(random, DOCUMENTS),
    }),
    () => ({ aggregate: name, pipeline: pipeline(random, DOCUMENTS, other), cursor: { batchSize: 1_000 } }),
    () => ({ aggregate: name, pipeline: pipeline(random, DOCUMENTS, other), cursor: { batchSize: 1_000 } }),
  );

/** Documents of any shape, and such as the services have; `other` is what `$lookup` may read. */
export const COLLECTIONS = { main: 'main', service: 'aggregates', other: 'other' };

/** A command for one of the collections. */
export const operation = (random: Random): Document => {
  const { main, service, other } = COLLECTIONS;
  if (random.chance(0.3)) return serviceOperation(random, service, other);
  return random.chance(0.45) ? writes(random, main) : reads(random, main, other);
};
