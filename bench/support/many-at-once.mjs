// What the services do with many documents in one command, as `bench/database.mjs` measures it: at one connection, in
// turns, the time of the command alone. `prepare` makes what the command needs and is not measured.

const upTo = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const padded = (number) => String(number).padStart(24, '0');
let last = 1_000_000;
const next = (count) => (last += count) - count;

/** A row of a home feed. */
const rowOf = (reader, n) => ({
  _id: `profile_01${padded(reader)}|post_01${padded((n * 7919) % 1_000_003)}`,
  a: `profile_01${padded(n % 97)}`,
});

/** An event that is set aside. About 1,200 bytes. */
const parkedOf = (n) => ({
  _id: `order.checkout|order.order.v1|${n % 8}|${padded(n)}`,
  group: 'order.checkout',
  topic: 'order.order.v1',
  key: `order_01${padded(n % 700)}`,
  offset: n,
  ...(n % 3 === 0 && { nextAt: new Date(1.7e12 + n) }),
  attempts: 3,
  error: { fingerprint: `f${n % 5}`, name: 'TypeError', message: 'no lamp', stack: 's'.repeat(300) },
  headers: { ce_id: `event_${n}`, ce_type: 'order.placed', traceparent: 't'.repeat(55) },
  value: 'v'.repeat(500),
});

const reviewOf = (n) => ({
  _id: `review_01${padded(n)}`,
  productId: `product_01${padded(n % 50)}`,
  merchantId: `merchant_01${padded(n % 9)}`,
  stars: 1 + (n % 5),
  seq: n,
  text: 't'.repeat(250),
  v: 1,
  rev: 1,
  outbox: [],
  commands: [`command_${n}`],
});

const INDEXES = {
  home: [],
  copies: [],
  parked: [
    { key: { group: 1, topic: 1, key: 1, offset: 1 } },
    { key: { nextAt: 1 }, partialFilterExpression: { nextAt: { $exists: true } } },
    { key: { 'error.fingerprint': 1, group: 1 } },
  ],
  reviews: [
    { key: { productId: 1, seq: -1 } },
    { key: { productId: 1, stars: 1 } },
    { key: { merchantId: 1, stars: 1 } },
    { key: { outboxAt: 1 }, partialFilterExpression: { outboxAt: { $exists: true } } },
  ],
};

/** Indexes, and what lies there beside what the commands are about. */
export async function seedMany(database) {
  for (const [name, indexes] of Object.entries(INDEXES))
    if (indexes.length > 0) await database.collection(name).createIndexes(indexes);
  for (let from = 0; from < 10_000; from += 1_000) {
    await database.collection('home').insertMany(upTo(1_000, (i) => rowOf(from / 1_000, i)));
    await database.collection('parked').insertMany(upTo(1_000, (i) => parkedOf(from + i)));
    await database.collection('reviews').insertMany(upTo(1_000, (i) => reviewOf(from + i)));
  }
}

async function added(collection, documents) {
  for (let from = 0; from < documents.length; from += 1_000)
    await collection.insertMany(documents.slice(from, from + 1_000));
  return documents;
}

const copiesFrom = (first, count, version) =>
  upTo(count, (i) => ({
    updateOne: {
      filter: {
        _id: `product_01${padded(first + i)}`,
        $or: [{ 'src.product': { $lt: version } }, { 'src.product': { $exists: false } }],
      },
      update: { $set: { title: `A lamp ${version}`, priceMinor: 4900, 'src.product': version } },
      upsert: true,
    },
  }));

/** Name, numbers of documents, the command, and what comes before it. */
export const manyAtOnce = [
  [
    'trim: deleteMany of a range of _id',
    [10, 100, 1_000],
    (database, _, [{ _id }]) => {
      const reader = _id.slice(0, _id.indexOf('|'));
      return database.collection('home').deleteMany({ _id: { $gt: `${reader}|`, $lt: `${reader}|~` } });
    },
    (database, count) => {
      const reader = next(1);
      return added(
        database.collection('home'),
        upTo(count, (i) => rowOf(reader, i)),
      );
    },
  ],
  [
    'discard: deleteMany of ids ($in)',
    [10, 100, 1_000, 6_000],
    (database, _, events) => database.collection('parked').deleteMany({ _id: { $in: events.map(({ _id }) => _id) } }),
    (database, count) => {
      const first = next(count);
      return added(
        database.collection('parked'),
        upTo(count, (i) => parkedOf(first + i)),
      );
    },
  ],
  [
    'clear: deleteMany of all',
    [100, 1_000, 6_000],
    (database) => database.collection('cleared').deleteMany({}),
    async (database, count) => {
      await database.collection('cleared').createIndexes(INDEXES.reviews);
      await added(database.collection('cleared'), upTo(count, reviewOf));
    },
  ],
  [
    'correct: bulkWrite of deleteOne',
    [10, 100, 1_000],
    (database, _, rows) =>
      database.collection('home').bulkWrite(
        rows.map(({ _id }) => ({ deleteOne: { filter: { _id } } })),
        { ordered: false },
      ),
    (database, count) => {
      const reader = next(1);
      return added(
        database.collection('home'),
        upTo(count, (i) => rowOf(reader, i)),
      );
    },
  ],
  [
    'feeds: insertMany, unordered',
    [10, 100, 1_000],
    (database, count) => {
      const reader = next(1);
      return database.collection('home').insertMany(
        upTo(count, (i) => rowOf(reader, i)),
        { ordered: false },
      );
    },
  ],
  [
    'restore: insertMany with 4 indexes',
    [10, 100, 1_000],
    (database, count) => {
      const first = next(count);
      return database.collection('reviews').insertMany(upTo(count, (i) => reviewOf(first + i)));
    },
  ],
  [
    'copies: bulkWrite of upserts',
    [10, 100, 1_000],
    (database, count) => {
      const first = next(count);
      return database.collection('copies').bulkWrite(copiesFrom(first, count, 1), { ordered: false });
    },
  ],
  [
    'copies: bulkWrite of newer ones',
    [10, 100, 1_000],
    (database, count) => database.collection('copies').bulkWrite(copiesFrom(0, count, next(1)), { ordered: false }),
  ],
  [
    'find of ids ($in)',
    [10, 100, 1_000],
    (database, count) =>
      database
        .collection('reviews')
        .find({ _id: { $in: upTo(count, (i) => reviewOf((i * 7) % 10_000)._id) } })
        .toArray(),
  ],
  [
    'updateMany by an index',
    [200],
    (database) =>
      database.collection('reviews').updateMany({ productId: reviewOf(7).productId }, { $set: { text: `${next(1)}` } }),
  ],
  [
    'count by two fields of an index',
    [200],
    (database) => database.collection('reviews').countDocuments({ productId: reviewOf(7).productId, stars: 3 }),
  ],
  ['count of all', [10_000], (database) => database.collection('parked').countDocuments()],
];
