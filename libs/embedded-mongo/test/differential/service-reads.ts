import type { Document } from 'bson';
import type { Random } from './random.js';
import { code, idOf, manyIds, merchant, moment, state, tag, upTo, version } from './service-values.js';

const WITHOUT_STORE = { outbox: 0, commands: 0 };
const batchSize = 1_000;

/** By id: one, many, and those between two. */
const byId = (random: Random): Document =>
  random.one<Document>(
    () => ({ filter: { _id: idOf(random) }, limit: 1, singleBatch: true }),
    () => ({ filter: { _id: idOf(random) }, projection: { _id: 1 }, limit: 1, singleBatch: true }),
    () => ({ filter: { _id: { $in: manyIds(random) } }, projection: WITHOUT_STORE, sort: { _id: 1 } }),
    () => ({ filter: { _id: { $in: manyIds(random) } }, projection: { _id: 1 }, sort: { _id: -1 } }),
    () => ({ filter: { _id: upTo(random, 20) }, sort: { _id: -1 }, limit: 5 }),
    () => ({
      filter: { _id: upTo(random, 20) },
      projection: { _id: 1 },
      sort: { _id: -1 },
      skip: random.below(4),
      limit: 2,
    }),
  );

/** Pages behind a place, by compound indexes. */
const pages = (random: Random): Document => {
  const place = random.chance(0.5) ? {} : { _id: { $lt: idOf(random) } };
  const filter = random.one<Document>(
    () => ({ merchantId: merchant(random), state: state(random) }),
    () => ({ merchantId: merchant(random), state: { $in: [state(random), state(random)] } }),
    () => ({ keys: { $in: [tag(random), tag(random)] }, active: true }),
    () => ({ keys: { $all: [tag(random), tag(random)] } }),
    () => ({ keys: tag(random), prices: { $elemMatch: { $gte: version(random), $lte: version(random) } } }),
    () => ({ merchantId: merchant(random), prices: { $elemMatch: { $gte: version(random) } } }),
    () => ({ 'lines.id': code(random) }),
    () => ({ 'error.fingerprint': tag(random), merchantId: merchant(random) }),
  );
  const hint = random.chance(0.1) ? { hint: random.pick<unknown>([{ _id: 1 }, '_id_']) } : {};
  return {
    filter: { ...filter, ...place },
    sort: { _id: random.pick([-1, -1, 1]) },
    limit: 1 + random.below(9),
    ...(random.chance(0.5) && { projection: WITHOUT_STORE }),
    ...hint,
  };
};

/** What is due, by partial indexes. */
const due = (random: Random): Document =>
  random.one<Document>(
    () => ({
      filter: { outboxAt: { $gt: new Date(0) }, _id: { $nin: manyIds(random) } },
      projection: { outboxAt: 1 },
      sort: { outboxAt: 1 },
      limit: random.below(9),
    }),
    () => ({
      filter: { _id: { $in: manyIds(random) } },
      projection: { outbox: 1, outboxAt: 1 },
      sort: { outboxAt: 1, _id: 1 },
    }),
    () => ({
      filter: { nextAt: { $lte: moment(random) }, state: { $in: [state(random), state(random)] } },
      sort: { nextAt: 1 },
      limit: 1 + random.below(9),
    }),
    () => ({ filter: { nextAt: { $gt: new Date(0), $lte: moment(random) } }, sort: { nextAt: 1 } }),
    () => ({ filter: { nextAt: { $exists: true } }, sort: { nextAt: -1 }, limit: 3 }),
    () => ({ filter: { handle: code(random) }, limit: 1, singleBatch: true }),
    () => ({ filter: { handle: { $regex: `^${code(random).toUpperCase()}$`, $options: 'i' } }, sort: { _id: 1 } }),
  );

const LINE = { merchant: '$merchantId', state: '$state' };
const IN_ORDER = { $sort: { merchantId: 1, state: 1, _id: 1 } };

/** Counts of many at once, and what operators are shown of what is parked. */
const counting = (random: Random): Document[] =>
  random.one<Document[]>(
    () => [
      { $match: { merchantId: { $in: [merchant(random), merchant(random)] }, state: state(random) } },
      { $group: { _id: '$merchantId', n: { $sum: 1 } } },
      { $sort: { _id: 1 } },
    ],
    () => [{ $match: { _id: upTo(random, 30), v: { $gt: version(random) } } }, { $group: { _id: 1, n: { $sum: 1 } } }],
    () => [{ $match: { handle: code(random) } }, { $count: 'n' }],
    () => [{ $sort: { merchantId: 1 } }, { $group: { _id: '$merchantId', n: { $sum: 1 } } }, { $sort: { _id: 1 } }],
    () => [
      IN_ORDER,
      { $group: { _id: LINE, nextAt: { $first: '$nextAt' } } },
      { $match: { nextAt: null } },
      { $project: { _id: 0, merchant: '$_id.merchant', state: '$_id.state' } },
      { $sort: { merchant: 1, state: 1 } },
    ],
    () => [
      IN_ORDER,
      { $group: { _id: LINE, first: { $first: '$$ROOT' }, n: { $sum: 1 } } },
      { $sort: { _id: 1 } },
      {
        $group: {
          _id: { merchant: '$_id.merchant', fingerprint: { $ifNull: ['$first.error.fingerprint', ''] } },
          name: { $first: { $ifNull: ['$first.error.name', ''] } },
          set: { $addToSet: { $ifNull: ['$first.state', ''] } },
          lines: { $sum: 1 },
          n: { $sum: '$n' },
          low: { $min: '$first.outboxAt' },
          high: { $max: '$first.outboxAt' },
          sample: { $first: '$first._id' },
        },
      },
      { $sort: { _id: 1 } },
    ],
  );

/** What a session's library asks: joined, and with one of the joined documents in place of the list. */
const joining = (random: Random, other: string): Document[] => {
  const match = { $match: random.chance(0.7) ? { $and: [{ _id: idOf(random) }] } : { merchantId: merchant(random) } };
  const joined = random.one<Document>(
    () => ({ $lookup: { from: other, localField: 'v', foreignField: '_id', as: 'found' } }),
    () => ({
      $lookup: {
        from: other,
        let: { localFieldValue: '$v' },
        pipeline: [{ $match: { $expr: { $eq: ['$_id', '$$localFieldValue'] } } }, { $limit: 2 }],
        as: 'found',
      },
    }),
  );
  const single = { $unwind: { path: '$found', preserveNullAndEmptyArrays: true } };
  const shown = { $project: { handle: 1, v: 1, found: 1 } };
  const page = [{ $sort: { _id: -1 } }, { $skip: random.below(3) }, { $limit: 1 + random.below(5) }];
  return [match, joined, ...(random.chance(0.5) ? [single] : []), ...(random.chance(0.5) ? [shown] : []), ...page];
};

export const reading = (random: Random, name: string, other: string): Document =>
  random.one<Document>(
    () => ({ find: name, batchSize, ...byId(random) }),
    () => ({ find: name, batchSize, ...pages(random) }),
    () => ({ find: name, batchSize, ...pages(random) }),
    () => ({ find: name, batchSize, ...due(random) }),
    () => ({ aggregate: name, pipeline: counting(random), cursor: { batchSize } }),
    () => ({ aggregate: name, pipeline: joining(random, other), cursor: { batchSize } }),
    () => ({ distinct: name, key: random.pick(['merchantId', 'keys', 'state']), query: { active: true } }),
  );
