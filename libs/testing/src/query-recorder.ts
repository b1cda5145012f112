import mongoose, { type Connection } from 'mongoose';
import { explainPlan } from './explain-plan.js';

interface RecordedQuery {
  readonly database: string;
  readonly collection: string;
  readonly filter: unknown;
  readonly options: { readonly sort?: unknown; readonly skip?: unknown; readonly limit?: unknown };
}
type Question = Pick<RecordedQuery, 'filter' | 'options'>;

/** What the driver's methods ask for, by their arguments. */
const QUESTIONS: Readonly<Record<string, (...args: unknown[]) => Question[]>> = {
  find: (filter, options) => [{ filter, options: { ...(options as object) } }],
  countDocuments: (filter) => [{ filter, options: {} }],
  distinct: (_field, filter) => [{ filter, options: {} }],
  aggregate: (pipeline) => [questionOf(pipeline as Stage[])],
  bulkWrite: (operations) => (operations as object[]).flatMap(filtersOf),
  ...Object.fromEntries(
    ['updateOne', 'updateMany', 'replaceOne', 'deleteOne', 'deleteMany'].map((method) => [
      method,
      (filter: unknown) => [{ filter, options: {} }],
    ]),
  ),
  ...Object.fromEntries(
    ['findOne', 'findOneAndUpdate', 'findOneAndReplace', 'findOneAndDelete'].map((method) => [
      method,
      (filter: unknown, ...rest: unknown[]) => [{ filter, options: { sort: sortIn(rest.at(-1)) } }],
    ]),
  ),
};

/** Every kind of query that the process made since the recorder began, whoever made it: one of each shape. */
export interface QueryRecorder {
  readonly size: number;
  /**
   * Explains those that went to the connection's database.
   * @throws CollectionScanError for a query that no index answers, Error when there was none at all.
   */
  explainAll(connection: Connection): Promise<void>;
  stop(): void;
}

/** Begin it before the service starts; explain at the end, when the service has done all that it does. */
export function recordQueries(): QueryRecorder {
  const queries = new Map<string, RecordedQuery>();
  const stop = listen((place, question) => {
    const { filter = {}, options } = question;
    const { skip, limit } = options;
    const sort = options.sort instanceof Map ? Object.fromEntries(options.sort) : options.sort;
    const shape = [place.dbName, place.collectionName, shapeOf(filter), sort];
    const query = { database: place.dbName, collection: place.collectionName, filter, options: { sort, skip, limit } };
    queries.set(JSON.stringify(shape), query);
  });
  return {
    get size() {
      return queries.size;
    },
    explainAll: async (connection) => {
      const mine = [...queries.values()].filter(({ database }) => database === connection.name);
      if (mine.length === 0) throw new Error(`no query of ${connection.name} was recorded`);
      for (const query of mine) await explainPlan(explainable(query, connection), connection);
    },
    stop,
  };
}

interface Place {
  readonly dbName: string;
  readonly collectionName: string;
}

/** Listens at the driver, below mongoose: libraries that bring no model are heard too. */
function listen(hear: (place: Place, question: Question) => void): () => void {
  const { prototype } = mongoose.mongo.Collection;
  const restore = Object.entries(QUESTIONS).map(([method, questions]) => {
    const original: unknown = Reflect.get(prototype, method);
    if (typeof original !== 'function') throw new TypeError(`the driver has no ${method}`);
    Reflect.set(prototype, method, function (this: Place, ...args: unknown[]): unknown {
      for (const question of questions(...args)) hear(this, question);
      return Reflect.apply(original, this, args);
    });
    return () => Reflect.set(prototype, method, original);
  });
  return () => restore.forEach((undo) => undo());
}

type Stage = Readonly<Record<string, unknown>>;

/** What a pipeline reads to begin with. */
function questionOf(pipeline: readonly Stage[]): Question {
  const rest = pipeline.findIndex((stage) => !['$match', '$sort', '$skip', '$limit'].some((name) => name in stage));
  const first: Stage = Object.assign({}, ...pipeline.slice(0, rest < 0 ? undefined : rest));
  return { filter: first['$match'], options: { sort: first['$sort'], skip: first['$skip'], limit: first['$limit'] } };
}

const filtersOf = (operation: object): Question[] =>
  Object.values(operation).flatMap((write: object) =>
    'filter' in write ? [{ filter: write.filter, options: {} }] : [],
  );

const sortIn = (options: unknown): unknown =>
  typeof options === 'object' && options !== null && 'sort' in options ? options.sort : undefined;

const explainable = ({ collection, filter, options }: RecordedQuery, connection: Connection) => ({
  explain: async () => {
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const find = { find: collection, filter, ...given };
    const plan = await connection.db?.command({ explain: find, verbosity: 'queryPlanner' });
    return { plan, find };
  },
});

/** The query without its values: lists count as one. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null || value instanceof Date) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shapeOf(part)]));
}
