import { describe, expect, it } from '@jest/globals';
import { Long, ObjectId } from 'mongodb';
import { failure, type Target } from './target.js';

export function insertFeatures(target: () => Target): void {
  describe('insert', () => {
    it('stores documents as they are, and gives an _id to those without one', async () => {
      const { things } = target();
      const document = {
        n: 1,
        big: Long.fromString('9007199254740993'),
        nested: { list: [1, 'a', null] },
        at: new Date(0),
      };
      const { insertedId } = await things.insertOne({ ...document });
      const found = await things.findOne({}, { promoteLongs: false });
      expect(found).toMatchObject({ ...document, _id: insertedId });
      expect(insertedId).toBeInstanceOf(ObjectId);
    });

    it('ends an ordered batch at the first duplicate and goes on with an unordered one', async () => {
      const { things } = target();
      const batch = [{ _id: 1 }, { _id: 1 }, { _id: 2 }];
      const ordered = await failure(things.insertMany(batch as never[]));
      expect(ordered).toMatchObject({ code: 11000, writeErrors: [{ index: 1, code: 11000 }] });
      expect(await things.countDocuments()).toBe(1);
      const unordered = await failure(things.insertMany(batch as never[], { ordered: false }));
      expect(unordered.writeErrors).toHaveLength(2);
      expect(await things.countDocuments()).toBe(2);
    });

    it('names index, pattern and value of a duplicate', async () => {
      const { things, name, isFerretDb } = target();
      await things.createIndex({ email: 1 }, { unique: true });
      await things.insertOne({ email: 'a@b' });
      const error = await failure(things.insertOne({ email: 'a@b' }));
      expect(error.code).toBe(11000);
      // FerretDB leaves out what was doubled.
      if (isFerretDb) return;
      expect(error.message).toContain(`${name} index: email_1 dup key: { email: "a@b" }`);
      expect(error).toMatchObject({ keyPattern: { email: 1 }, keyValue: { email: 'a@b' } });
    });

    it('refuses an _id that is an array, and a document beyond 16 MB', async () => {
      const { things } = target();
      expect(await failure(things.insertOne({ _id: [1] } as never))).toMatchObject({ code: expect.any(Number) });
      const large = 'x'.repeat(16 * 2 ** 20);
      expect(await failure(things.insertOne({ large }))).toBeInstanceOf(Error);
      expect(await things.countDocuments()).toBe(0);
    });

    it('takes a write without acknowledgement', async () => {
      const { things, isFerretDb } = target();
      // FerretDB answers although nobody asked; whoever comes next on that connection gets the wrong answer.
      if (isFerretDb) return;
      await things.insertOne({ quiet: true }, { writeConcern: { w: 0 } });
      await things.insertOne({ quiet: false });
      expect(await things.countDocuments({ quiet: false })).toBe(1);
    });
  });
}

export function updateFeatures(target: () => Target): void {
  describe('update', () => {
    it('counts what matched and what changed', async () => {
      const { things } = target();
      await things.insertMany([{ n: 1 }, { n: 2 }, { n: 2 }]);
      expect(await things.updateMany({ n: { $lte: 2 } }, { $set: { n: 2 } })).toMatchObject({
        matchedCount: 3,
        modifiedCount: 1,
      });
      expect(await things.updateOne({ n: 99 }, { $set: { n: 1 } })).toMatchObject({
        matchedCount: 0,
        modifiedCount: 0,
      });
    });

    it('upserts with the equalities of the query, $setOnInsert and the operators', async () => {
      const { things } = target();
      const change = { $set: { b: 2 }, $setOnInsert: { born: true }, $inc: { n: 1 } };
      const first = await things.updateOne({ a: 1, 'c.d': { $eq: 5 }, e: { $gt: 1 } }, change, { upsert: true });
      expect(first).toMatchObject({ upsertedCount: 1, matchedCount: 0 });
      expect(await things.findOne({ _id: first.upsertedId ?? undefined })).toEqual({
        _id: first.upsertedId,
        a: 1,
        c: { d: 5 },
        b: 2,
        born: true,
        n: 1,
      });
      expect(
        await things.updateOne({ a: 1 }, { $set: { b: 2 }, $setOnInsert: { born: false } }, { upsert: true }),
      ).toMatchObject({
        upsertedCount: 0,
        matchedCount: 1,
        modifiedCount: 0,
      });
    });

    it('upserts a replacement under the _id of the query', async () => {
      const { things } = target();
      await things.replaceOne({ _id: 'k' as never, x: 1 }, { y: 2 }, { upsert: true });
      expect(await things.findOne()).toEqual({ _id: 'k', y: 2 });
    });

    it('replaces the whole document but its _id', async () => {
      const { things } = target();
      await things.insertOne({ _id: 1 as never, a: 1, b: 2 });
      await things.replaceOne({ a: 1 }, { c: 3 });
      expect(await things.findOne()).toEqual({ _id: 1, c: 3 });
      expect((await failure(things.replaceOne({ c: 3 }, { _id: 2 as never, c: 4 }))).code).toBe(66);
    });

    it('changes arrays: positional, all, filtered', async () => {
      const { things } = target();
      await things.insertOne({
        _id: 1 as never,
        lines: [
          { sku: 'a', q: 1 },
          { sku: 'b', q: 2 },
          { sku: 'b', q: 9 },
        ],
      });
      await things.updateOne({ 'lines.sku': 'b' }, { $inc: { 'lines.$.q': 10 } });
      await things.updateOne({}, { $inc: { 'lines.$[].q': 1 } });
      await things.updateOne({}, { $set: { 'lines.$[l].big': true } }, { arrayFilters: [{ 'l.q': { $gte: 10 } }] });
      expect((await things.findOne())?.lines).toEqual([
        { sku: 'a', q: 2 },
        { sku: 'b', q: 13, big: true },
        { sku: 'b', q: 10, big: true },
      ]);
      await things.updateOne({}, {
        $push: { lines: { $each: [{ sku: 'c', q: 5 }], $sort: { q: 1 }, $slice: 2 } },
      } as never);
      expect((await things.findOne())?.lines.map(({ sku }: { sku: string }) => sku)).toEqual(['a', 'c']);
    });

    it('sorts pushed elements by fields, not through arrays', async () => {
      const { things } = target();
      const list = [{ k: { n: 2 } }, { k: [{ n: 0 }] }, { k: { n: 1 } }, { k: { n: [0] } }];
      await things.insertOne({ _id: 1 as never, list: [] });
      await things.updateOne({}, { $push: { list: { $each: list, $sort: { 'k.n': 1 } } } } as never);
      expect((await things.findOne())?.list).toEqual([list[1], list[2], list[0], list[3]]);
      const sorted = { $sortArray: { input: '$list', sortBy: { 'k.n': -1 } } };
      const [found] = await things.aggregate([{ $project: { _id: 0, sorted } }]).toArray();
      expect(found?.sorted).toEqual([list[3], list[0], list[2], list[1]]);
    });

    it('takes a pipeline that reads the document', async () => {
      const { things } = target();
      await things.insertOne({ _id: 1 as never, outbox: [{ v: 1 }, { v: 2 }], outboxAt: new Date(0) });
      const rest = { $filter: { input: '$outbox', cond: { $gt: ['$$this.v', 2] } } };
      const at = { $cond: [{ $eq: [{ $size: '$outbox' }, 0] }, '$$REMOVE', '$outboxAt'] };
      await things.updateOne({}, [{ $set: { outbox: rest } }, { $set: { outboxAt: at } }]);
      expect(await things.findOne()).toEqual({ _id: 1, outbox: [] });
    });

    it('guards with $expr over fields of the document', async () => {
      const { things } = target();
      await things.insertOne({ stock: 3, reserved: 2 });
      const guard = { $expr: { $gte: [{ $subtract: ['$stock', '$reserved'] }, 1] } };
      expect((await things.updateOne(guard, { $inc: { reserved: 1 } })).modifiedCount).toBe(1);
      expect((await things.updateOne(guard, { $inc: { reserved: 1 } })).modifiedCount).toBe(0);
    });

    it('sells 5 pieces to 30 buyers at once 5 times', async () => {
      const { things } = target();
      await things.insertOne({ _id: 'lamp' as never, stock: 5 });
      const buy = () => things.updateOne({ _id: 'lamp' as never, stock: { $gt: 0 } }, { $inc: { stock: -1 } });
      const results = await Promise.all(Array.from({ length: 30 }, buy));
      expect(results.reduce((sum, { modifiedCount }) => sum + modifiedCount, 0)).toBe(5);
      expect((await things.findOne())?.stock).toBe(0);
    });
  });
}

export function modifyFeatures(target: () => Target): void {
  describe('findAndModify', () => {
    it('returns the document before or after, sorted and projected', async () => {
      const { things } = target();
      await things.insertMany([
        { n: 1, s: 'x' },
        { n: 3, s: 'x' },
      ]);
      const before = await things.findOneAndUpdate(
        { s: 'x' },
        { $inc: { n: 10 } },
        { sort: { n: -1 }, projection: { _id: 0 } },
      );
      expect(before).toEqual({ n: 3, s: 'x' });
      const after = await things.findOneAndUpdate({ n: 1 }, { $inc: { n: 1 } }, { returnDocument: 'after' });
      expect(after).toMatchObject({ n: 2 });
      expect(await things.findOneAndUpdate({ n: 77 }, { $inc: { n: 1 } })).toBeNull();
    });

    it('upserts, replaces and removes', async () => {
      const { things } = target();
      const options = { upsert: true, returnDocument: 'after', includeResultMetadata: true } as const;
      const result = await things.findOneAndUpdate({ k: 1 }, { $set: { v: 1 } }, options);
      expect(result).toMatchObject({ value: { k: 1, v: 1 }, lastErrorObject: { n: 1, updatedExisting: false } });
      expect(result.lastErrorObject?.upserted).toEqual(result.value?._id);
      expect(await things.findOneAndReplace({ k: 1 }, { w: 2 }, { returnDocument: 'after' })).toMatchObject({ w: 2 });
      expect(await things.findOneAndDelete({ w: 2 })).toMatchObject({ w: 2 });
      expect(await things.countDocuments()).toBe(0);
    });

    it('fails on a duplicate key and changes nothing', async () => {
      const { things, isFerretDb } = target();
      await things.createIndex({ k: 1 }, { unique: true });
      await things.insertMany([{ k: 1 }, { k: 2 }]);
      const error = await failure(things.findOneAndUpdate({ k: 1 }, { $set: { k: 2 } }));
      // FerretDB answers a duplicate in findAndModify as an internal error.
      expect([11000, ...(isFerretDb ? [1] : [])]).toContain(error.code);
      expect(await things.countDocuments({ k: 1 })).toBe(1);
    });

    it('changes nothing when what it is to return cannot be shown', async () => {
      const { things } = target();
      await things.insertOne({ _id: 1 as never, items: [{ k: 1 }, { k: 2 }] });
      const options = { returnDocument: 'after', upsert: true, projection: { 'items.$': 1 } } as const;
      // The element that the query matched is not the query's any more.
      const change = things.findOneAndUpdate({ 'items.k': 2 }, { $set: { 'items.$.k': 9 } }, options);
      expect((await failure(change)).code).toBe(51246);
      const upsert = things.findOneAndUpdate({ _id: 2 as never, k: 2 }, { $set: { items: [] } }, options);
      expect((await failure(upsert)).code).toBe(51246);
      expect(await things.find().toArray()).toEqual([{ _id: 1, items: [{ k: 1 }, { k: 2 }] }]);
    });
  });

  describe('delete', () => {
    it('removes one or all', async () => {
      const { things } = target();
      await things.insertMany([{ n: 1 }, { n: 1 }, { n: 1 }, { n: 2 }]);
      expect((await things.deleteOne({ n: 1 })).deletedCount).toBe(1);
      expect((await things.deleteMany({ n: 1 })).deletedCount).toBe(2);
      expect(await things.countDocuments()).toBe(1);
    });
  });

  describe('bulkWrite', () => {
    it('mixes all kinds, and tells what each did', async () => {
      const { things } = target();
      const result = await things.bulkWrite([
        { insertOne: { document: { n: 1 } } },
        { updateOne: { filter: { n: 1 }, update: { $set: { m: 1 } } } },
        { updateOne: { filter: { n: 5 }, update: { $set: { m: 5 } }, upsert: true } },
        { replaceOne: { filter: { n: 5 }, replacement: { n: 6 } } },
        { deleteMany: { filter: { n: 1 } } },
      ]);
      expect(result).toMatchObject({ insertedCount: 1, modifiedCount: 2, upsertedCount: 1, deletedCount: 1 });
    });
  });
}
