import mongoose, { type Connection } from 'mongoose';
import { explainPlan } from './explain-plan.js';

interface RecordedQuery {
  readonly collection: string;
  readonly filter: unknown;
  readonly options: { readonly sort?: unknown; readonly skip?: unknown; readonly limit?: unknown };
}
const READS_BY_FILTER = new Set([
  'find',
  'findOne',
  'countDocuments',
  'distinct',
  'updateOne',
  'updateMany',
  'deleteOne',
  'deleteMany',
  'findOneAndUpdate',
  'findOneAndDelete',
]);
/** Where the options stand among a method's arguments. */
const OPTIONS_AT: Readonly<Record<string, number>> = { find: 1, findOne: 1, countDocuments: 1 };

/** Every kind of query that mongoose made since the recorder began, whoever made it: one of each shape. */
export interface QueryRecorder {
  readonly size: number;
  /** @throws CollectionScanError for a query that no index answers, Error when there was none at all. */
  explainAll(connection: Connection): Promise<void>;
  stop(): void;
}

/** Begin it before the service starts; explain at the end, when the service has done all that it does. */
export function recordQueries(): QueryRecorder {
  const queries = new Map<string, RecordedQuery>();
  mongoose.set('debug', (collection: string, method: string, ...args: unknown[]) => {
    if (!READS_BY_FILTER.has(method)) return;
    const { sort, skip, limit } = { ...(args[OPTIONS_AT[method] ?? -1] as RecordedQuery['options']) };
    const query = { collection, filter: args[0] ?? {}, options: { sort, skip, limit } };
    queries.set(JSON.stringify([collection, shapeOf(query.filter), sort]), query);
  });
  return {
    get size() {
      return queries.size;
    },
    explainAll: async (connection) => {
      if (queries.size === 0) throw new Error('no query was recorded');
      for (const query of queries.values()) await explainPlan(explainable(query, connection), connection);
    },
    stop: () => void mongoose.set('debug', false),
  };
}

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
