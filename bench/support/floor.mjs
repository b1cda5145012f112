// The writes of one checkout, recorded from a real one and made again by the bare driver: the same documents and updates,
// on the same database, as durable, under the same indexes. No service, no event, no read, no rule.
import mongoose from 'mongoose';

const { BSON, MongoClient } = mongoose.mongo;
const DATABASE = 'bench_floor';
/** What goes on by itself, whether anybody buys or not. */
const BACKGROUND = new Set(['leases']);
const INDEX_OPTIONS = ['partialFilterExpression', 'sparse'];

/** One write of the recording: `{ database, collection, method, args }`. */
const decoded = ({ database, collection, method, bson }) => ({
  database,
  collection,
  method,
  args: BSON.deserialize(Buffer.from(bson)).args,
});

export class Floor {
  /**
   * @param recorded what `Product.recordWrites` told of one checkout.
   * @param orderId of that checkout: what has it in its name was made by it.
   */
  static async prepare(mongodbUri, { recorded, orderId }, lanes) {
    const writes = recorded.map(decoded).filter(({ collection }) => !BACKGROUND.has(collection));
    const client = new MongoClient(mongodbUri, {
      maxPoolSize: lanes,
      readConcernLevel: 'majority',
      writeConcern: { w: 'majority', journal: true },
      ignoreUndefined: true,
    });
    await client.connect();
    const floor = new Floor(client, writes.flatMap(stepsOf), orderId);
    await floor.copyIndexes();
    for (let lane = 0; lane < lanes; lane += 1) await floor.copyDocuments(lane);
    return floor;
  }

  constructor(client, steps, orderId) {
    this.client = client;
    this.steps = steps;
    this.made = 0;
    const made = steps.filter(({ id, creates }) => creates || id.includes(orderId));
    const inserted = new Set(made.map(placeOf));
    /** What was there before the checkout: each lane has a copy of its own. */
    this.known = new Map(steps.map((step) => [placeOf(step), step]).filter(([place]) => !inserted.has(place)));
  }

  get writes() {
    return this.steps.length;
  }

  /** `orders 7, stocks 4, …` */
  get summary() {
    const counts = new Map();
    for (const { collection } of this.steps) counts.set(collection, (counts.get(collection) ?? 0) + 1);
    return [...counts].map(([collection, count]) => `${collection} ${count}`).join(', ');
  }

  /** Checkouts per second: each lane makes one after the other, write by write. */
  async run(lanes, seconds) {
    const startMs = performance.now();
    const endMs = startMs + seconds * 1000;
    let done = 0;
    const lane = async (number) => {
      for (; performance.now() < endMs; done += 1) await this.checkOut(number);
    };
    await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
    return (done * 1000) / (performance.now() - startMs);
  }

  async close() {
    await this.client.db(DATABASE).dropDatabase();
    await this.client.close();
  }

  async checkOut(lane) {
    const number = (this.made += 1);
    for (const step of this.steps) {
      const id = `${step.id}-${this.known.has(placeOf(step)) ? lane : number}`;
      await step.run(this.collectionOf(step), id);
    }
  }

  collectionOf({ database, collection }) {
    return this.client.db(DATABASE).collection(`${database}_${collection}`);
  }

  async copyIndexes() {
    const places = new Map(this.steps.map((step) => [`${step.database} ${step.collection}`, step]));
    for (const step of places.values()) {
      const indexes = await this.client.db(step.database).collection(step.collection).indexes();
      for (const { key, name, ...options } of indexes) {
        const kept = Object.fromEntries(Object.entries(options).filter(([option]) => INDEX_OPTIONS.includes(option)));
        if (name !== '_id_') await this.collectionOf(step).createIndex(key, kept);
      }
    }
  }

  async copyDocuments(lane) {
    for (const step of this.known.values()) {
      const found = await this.client.db(step.database).collection(step.collection).findOne({ _id: step.id });
      if (found) await this.collectionOf(step).insertOne({ ...found, _id: `${step.id}-${lane}` });
    }
  }
}

const placeOf = ({ database, collection, id }) => `${database} ${collection} ${id}`;

/** One step for each document that a call wrote, by its id alone: guards would not hold for a copy. */
function stepsOf({ database, collection, method, args: [first, second] }) {
  const at = { database, collection };
  const insert = (document) => ({
    ...at,
    id: document._id,
    creates: true,
    run: (target, id) => target.insertOne({ ...document, _id: id }),
  });
  const update = ({ _id }, change) => ({
    ...at,
    id: _id,
    creates: false,
    run: (target, id) => target.updateOne({ _id: id }, change, { upsert: true }),
  });
  if (method === 'insertOne') return [insert(first)];
  if (method === 'insertMany') return first.map(insert);
  if (method === 'updateOne' || method === 'findOneAndUpdate') return [update(first, second)];
  if (method === 'bulkWrite')
    return first.map(({ updateOne, insertOne }) =>
      updateOne ? update(updateOne.filter, updateOne.update) : insert(insertOne.document),
    );
  throw new Error(`a checkout calls ${method} of ${collection}, which the floor does not know`);
}
