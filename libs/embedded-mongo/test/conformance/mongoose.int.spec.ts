import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnection, Schema, Types, type Connection } from 'mongoose';
import { describeServers, failure } from './target.js';

describeServers((target) => {
  describe('mongoose', () => {
    let connection: Connection;

    beforeEach(async () => {
      const { uri, database, name } = target();
      connection = await createConnection(uri, { dbName: `${database.databaseName}-${name}` }).asPromise();
    });

    afterEach(async () => {
      await connection.dropDatabase();
      await connection.close();
    });

    const author = () =>
      connection.model(
        'Author',
        new Schema({ name: { type: String, unique: true }, age: Number }, { timestamps: true }),
      );
    const book = () => {
      const chapter = new Schema({ title: String, pages: { type: Number, min: 1 } });
      const fields = {
        title: { type: String, required: true },
        author: { type: Schema.Types.ObjectId, ref: 'Author' },
        chapters: [chapter],
        prices: { type: Map, of: Number },
        sold: { type: Number, default: 0 },
      };
      return connection.model('Book', new Schema(fields, { optimisticConcurrency: true }));
    };

    it('creates collections and indexes, and keeps them in step with the schema', async () => {
      const Author = author();
      await Author.init();
      await Author.collection.createIndex({ age: 1 });
      expect(await Author.diffIndexes()).toMatchObject({ toDrop: ['age_1'], toCreate: [] });
      expect(await Author.syncIndexes()).toEqual(['age_1']);
      await Author.create({ name: 'Ana' });
      expect(await failure(Author.create({ name: 'Ana' }))).toMatchObject({ code: 11000 });
    });

    it('saves what changed in arrays, maps and embedded documents', async () => {
      const Book = book();
      const made = await Book.create({ title: 'a', chapters: [{ title: 'one', pages: 3 }], prices: { EUR: 5 } });
      const found = await Book.findById(made._id).orFail();
      found.chapters.push({ title: 'two', pages: 4 });
      found.chapters[0]?.set('pages', 30);
      found.prices?.set('USD', 6);
      found.prices?.delete('EUR');
      await found.save();
      expect(await Book.findById(made._id).lean()).toMatchObject({
        chapters: [
          { title: 'one', pages: 30 },
          { title: 'two', pages: 4 },
        ],
        prices: { USD: 6 },
      });
      found.chapters.pull({ _id: found.chapters[0]?._id });
      await found.save();
      expect((await Book.findById(made._id).orFail()).chapters.map(({ title }) => title)).toEqual(['two']);
    });

    it('notices that somebody else was faster', async () => {
      const Book = book();
      const { _id } = await Book.create({ title: 'a' });
      const [one, other] = await Promise.all([Book.findById(_id).orFail(), Book.findById(_id).orFail()]);
      await one.set({ title: 'b' }).save();
      expect(await failure(other.set({ title: 'c' }).save())).toMatchObject({ name: 'VersionError' });
    });

    it('populates, by reference and the other way round', async () => {
      const [Author, Book] = [author(), book()];
      const ana = await Author.create({ name: 'Ana' });
      await Book.create([
        { title: 'a', author: ana._id },
        { title: 'b', author: ana._id },
        { title: 'c', author: new Types.ObjectId() },
      ]);
      const books = await Book.find().sort('title').populate<{ author: { name: string } | null }>('author').lean();
      expect(books.map((each) => each.author?.name)).toEqual(['Ana', 'Ana', undefined]);
      const joined = await Author.aggregate([
        { $lookup: { from: 'books', localField: '_id', foreignField: 'author', as: 'books' } },
        { $project: { _id: 0, titles: { $sortArray: { input: '$books.title', sortBy: 1 } } } },
      ]);
      expect(joined).toEqual([{ titles: ['a', 'b'] }]);
    });

    it('updates, upserts and counts in one step', async () => {
      const Book = book();
      const upsert = { upsert: true, returnDocument: 'after' } as const;
      const made = await Book.findOneAndUpdate({ title: 'a' }, { $inc: { sold: 2 } }, upsert);
      expect(made).toMatchObject({ title: 'a', sold: 2 });
      await Book.updateMany({}, { $push: { chapters: { title: 'x', pages: 1 } } });
      expect(await Book.countDocuments({ 'chapters.title': 'x' })).toBe(1);
      expect(await Book.exists({ title: 'nobody' })).toBeNull();
      expect(await Book.distinct('title')).toEqual(['a']);
      expect(await Book.deleteMany({ sold: { $gt: 1 } })).toMatchObject({ deletedCount: 1 });
    });

    it('writes many at once, and reads them by a cursor', async () => {
      const Book = book();
      await Book.insertMany(Array.from({ length: 300 }, (_, sold) => ({ title: `t${sold}`, sold })));
      const some = await Book.find({ sold: { $lt: 10 } });
      for (const each of some) each.set({ sold: 1_000 });
      await Book.bulkSave(some);
      let total = 0;
      for await (const each of Book.find({ sold: 1_000 }).cursor({ batchSize: 3 })) total += each.sold;
      expect(total).toBe(10_000);
      expect(await Book.estimatedDocumentCount()).toBeGreaterThan(0);
    });
  });
});
