// Loaded first in the process that is measured: on demand it tells its parent what it writes to the database, at the
// driver, below mongoose. Nothing is kept, and next to nothing done, while nobody asks.
import { isMainThread } from 'node:worker_threads';
import mongoose from 'mongoose';

const METHODS = [
  'insertOne',
  'insertMany',
  'updateOne',
  'updateMany',
  'deleteOne',
  'deleteMany',
  'bulkWrite',
  'findOneAndUpdate',
];

if (isMainThread && process.connected) {
  let writes;
  const { BSON, Collection } = mongoose.mongo;
  // Listed as they are now: who called may change them later.
  const keep = (args) => [...BSON.serialize({ args: args.slice(0, 2) })];
  for (const method of METHODS) {
    const original = Collection.prototype[method];
    Collection.prototype[method] = function (...args) {
      writes?.push({ database: this.dbName, collection: this.collectionName, method, bson: keep(args) });
      return original.apply(this, args);
    };
  }
  process.on('message', (what) => {
    if (what === 'record') writes = [];
    if (what !== 'tell') return;
    process.send(writes);
    writes = undefined;
  });
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
}
