import { Int32, type Document } from 'bson';
import { reading } from './service-reads.js';
import type { Random } from './random.js';
import { bornAt, code, idOf, indexes, line, merchant, state, stored, tag, upTo, version } from './service-values.js';

export { indexes };

const inserts = (random: Random, name: string): Document =>
  random.one<Document>(
    () => ({ insert: name, documents: [stored(random)], ordered: true }),
    () => ({ insert: name, documents: Array.from({ length: 8 }, () => stored(random)), ordered: false }),
  );

/** As the store of aggregates writes: guarded by the revision, events into the outbox, commands into the ring. */
const versioned = (random: Random): Document => {
  const id = idOf(random);
  const events = random.list(2, () => ({ id: code(random), v: version(random), type: state(random) }));
  return {
    q: { _id: id, rev: version(random) },
    u: {
      $set: { state: state(random), v: version(random), lines: random.list(2, () => line(random)) },
      $inc: { rev: new Int32(1) },
      $push: { outbox: { $each: events }, commands: { $each: [code(random)], $slice: -3 } },
      ...(events.length > 0 && { $min: { outboxAt: bornAt(random, id) } }),
      ...(random.chance(0.3) && { $unset: { nextAt: '' } }),
    },
  };
};

const copied = (random: Random, upsert: boolean): Document => {
  const [at, v] = [`src.${random.pick(['product', 'merchant'])}`, version(random)];
  return {
    q: { _id: idOf(random), $or: [{ [at]: { $lt: v } }, { [at]: { $exists: false } }] },
    u: { $set: { title: tag(random), [at]: v } },
    upsert,
  };
};

const counted = (random: Random, upsert: boolean): Document => {
  const event = code(random);
  return {
    q: { _id: idOf(random), seen: { $ne: event } },
    u: { $inc: { 'counts.a': new Int32(1) }, $push: { seen: { $each: [event], $slice: -3 } } },
    upsert,
  };
};

const marked = (random: Random): Document => ({
  q: { _id: idOf(random) },
  u: [
    { $set: { outbox: { $filter: { input: '$outbox', cond: { $gt: ['$$this.v', version(random)] } } } } },
    {
      $set: {
        outboxAt: { $cond: [{ $eq: [{ $size: { $ifNull: ['$outbox', []] } }, 0] }, '$$REMOVE', '$outboxAt'] },
      },
    },
  ],
});

const small = (random: Random): Document => {
  const _id = idOf(random);
  return random.one<Document>(
    () => ({ q: { _id, nextAt: { $exists: false } }, u: { $set: { nextAt: bornAt(random, _id) } } }),
    () => ({ q: { _id }, u: { $unset: { nextAt: '' } } }),
    () => ({ q: { _id }, u: { $set: { keys: random.list(3, () => tag(random)) } } }),
    () => ({ q: { _id }, u: { $addToSet: { keys: tag(random) } } }),
    () => ({ q: { _id }, u: { $max: { floor: code(random) } }, upsert: true }),
    () => ({ q: { _id }, u: { $setOnInsert: { state: state(random), told: true, rev: 1 } }, upsert: true }),
    () => ({ q: { _id, v: { $lt: version(random) } }, u: { $inc: { v: new Int32(1) } } }),
    () => ({ q: { _id }, u: { $set: { merchantId: merchant(random), number: version(random) } } }),
    () => ({ q: { _id }, u: { $set: { handle: code(random) } } }),
    () => ({ q: { handle: code(random) }, u: { $set: { state: state(random) } } }),
    () => ({ q: { merchantId: merchant(random), state: state(random) }, u: { $set: { active: true } }, multi: true }),
  );
};

const updates = (random: Random, name: string): Document => {
  const upsert = random.chance(0.7);
  const make = random.pick([versioned, marked, small, small, copied, counted]);
  const one = (): Document => make(random, upsert);
  const statements = random.chance(0.5) ? [one()] : Array.from({ length: 1 + random.below(6) }, one);
  return { update: name, updates: statements, ordered: statements.length === 1 };
};

const deletes = (random: Random, name: string): Document =>
  random.one<Document>(
    () => ({ delete: name, deletes: [oneOf(random)] }),
    () => ({ delete: name, deletes: Array.from({ length: 1 + random.below(5) }, () => oneOf(random)) }),
    () => ({ delete: name, deletes: [{ q: { _id: { $in: random.list(12, () => idOf(random)) } }, limit: 0 }] }),
    () => ({ delete: name, deletes: [{ q: { _id: upTo(random, 8), v: { $lt: version(random) } }, limit: 0 }] }),
    () => ({ delete: name, deletes: [{ q: { _id: upTo(random, 4) }, limit: 0 }] }),
  );

const oneOf = (random: Random): Document => ({ q: { _id: idOf(random) }, limit: 1 });

const findAndModify = (random: Random, name: string): Document => {
  const { q, u } = random.pick([versioned, marked, small])(random);
  const byHandle = { $and: [{ handle: code(random) }, { state: state(random) }] };
  const query: unknown = random.chance(0.8) ? q : byHandle;
  if (random.chance(0.2)) return { findAndModify: name, query, sort: { _id: 1 }, remove: true };
  const update: unknown = query === q ? u : { $set: { active: true }, $inc: { rev: new Int32(1) } };
  // Without an id in the query each server makes one of its own.
  const upsert = query === q && '_id' in q && random.chance(0.1);
  return {
    findAndModify: name,
    query,
    sort: { _id: 1 },
    update,
    new: random.chance(0.6),
    upsert,
  };
};

/** Commands in the forms in which the services give them, on documents such as theirs. */
export const serviceOperation = (random: Random, name: string, other: string): Document =>
  random.chance(0.5)
    ? reading(random, name, other)
    : random.pick([inserts, updates, updates, updates, deletes, findAndModify])(random, name);
