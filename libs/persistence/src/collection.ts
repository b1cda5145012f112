import type { OnModuleInit } from '@nestjs/common';
import { Schema, type Connection, type IndexDefinition, type IndexOptions, type Model, type mongo } from 'mongoose';

/** An index as mongoose takes it: `[{ merchantId: 1, createdAt: -1 }, { unique: true }]`. */
export type IndexSpec = readonly [keys: IndexDefinition, options?: IndexOptions];

export interface CollectionDefinition {
  /** Plural noun: `orders`. */
  readonly name: string;
  readonly indexes: readonly IndexSpec[];
}

/** Any document of ours: its id is a string of ours, never an ObjectId. */
export interface WithId {
  _id: string;
}

/** Every document, by the index of its id. */
const ANY = { _id: { $gt: '' } };
const VALUES_AT_ONCE = 1_000;

/**
 * A collection of documents whose shape TypeScript knows and the edges validated; mongoose stores them as they are.
 * Its indexes are made when its module starts, before anything is asked of it.
 */
export class DocumentCollection<Document extends WithId> implements OnModuleInit {
  readonly model: Model<Document>;

  constructor(
    private readonly connection: Connection,
    readonly definition: CollectionDefinition,
  ) {
    const schema = new Schema<Document>(
      { _id: { type: String, required: true } } as ConstructorParameters<typeof Schema<Document>>[0],
      { strict: false, strictQuery: false, minimize: false, versionKey: false, collection: definition.name },
    );
    for (const [keys, options] of definition.indexes) schema.index(keys, options);
    this.model = connection.model<Document>(definition.name, schema);
  }

  /** The driver's own collection, for writes that mongoose has nothing to add to. */
  driverCollection<Shape extends WithId>(): mongo.Collection<Shape> {
    if (this.connection.db === undefined) throw new Error('the database is not connected');
    return this.connection.db.collection<Shape>(this.definition.name);
  }

  async isEmpty(): Promise<boolean> {
    return (await this.model.exists(ANY).exec()) === null;
  }

  /** All values of a field with an index of its own or at the head of one, in their order, each once; some at a time. */
  async *valuesOf(field: keyof Document & string, atOnce = VALUES_AT_ONCE): AsyncGenerator<string[]> {
    for (let last = ''; ;) {
      const found = await this.driverCollection<WithId>()
        .find({ [field]: { $gt: last } }, { projection: { [field]: 1 } })
        .sort({ [field]: 1 })
        .limit(atOnce)
        .toArray();
      const values = [...new Set(found.map((document) => String(Reflect.get(document, field))))];
      if (values.length > 0) yield values;
      if (found.length < atOnce) return;
      last = values.at(-1) ?? last;
    }
  }

  /** Takes all documents out; the indexes stay. */
  async clear(): Promise<void> {
    await this.model.deleteMany(ANY).exec();
  }

  /** Makes the collection and the indexes that are missing. */
  async onModuleInit(): Promise<void> {
    await this.model.createIndexes();
  }
}
