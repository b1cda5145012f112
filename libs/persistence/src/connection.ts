import { createConnection, type Connection } from 'mongoose';
import { repairDriver } from './driver-repair.js';

export interface DatabaseOptions {
  /** `mongodb://…` */
  readonly uri: string;
  /** The database's name on the server. */
  readonly name: string;
  /** How long a command waits for a server that is away before it fails; 3 s by default. */
  readonly serverSelectionTimeoutMs?: number;
  readonly maxPoolSize?: number;
}

/** The name of a service's own database: several Grapevines share a server under different namespaces. */
export const databaseName = (namespace: string, service: string): string =>
  `${namespace}${service}`.replaceAll(/[^A-Za-z0-9_-]/g, '_');

/**
 * A connection of its own to one database; mongoose's global one is never used.
 * Writes are acknowledged by the journal and the majority: an event is published only when it can't be rolled back.
 * @throws MongooseServerSelectionError when no server answers in time.
 */
export async function connectDatabase(options: DatabaseOptions): Promise<Connection> {
  repairDriver();
  const connection = createConnection(options.uri, {
    dbName: options.name,
    autoCreate: false,
    autoIndex: false,
    bufferCommands: false,
    ignoreUndefined: true,
    maxPoolSize: options.maxPoolSize ?? 20,
    readConcernLevel: 'majority',
    serverSelectionTimeoutMS: options.serverSelectionTimeoutMs ?? 3_000,
    writeConcern: { w: 'majority', journal: true },
  });
  try {
    return await connection.asPromise();
  } catch (error) {
    await connection.close(true).catch(() => undefined);
    throw error;
  }
}

const ANSWER_MS = 2_000;
const pings = new WeakMap<Connection, Promise<unknown>>();

/**
 * The driver's own `timeoutMS` is without effect: a database that is frozen would be waited for until the monitor gives
 * its connections up, which takes 40 s. There is one ping under way at a time, so that they do not fill the pool meanwhile.
 * @throws when the database does not answer within 2 s.
 */
export async function pingDatabase(connection: Connection): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`the database did not answer within ${ANSWER_MS} ms`);
    timer = setTimeout(() => reject(error), ANSWER_MS);
  });
  try {
    await Promise.race([pingOf(connection), late]);
  } finally {
    clearTimeout(timer);
  }
}

function pingOf(connection: Connection): Promise<unknown> {
  const underWay = pings.get(connection);
  if (underWay !== undefined) return underWay;
  if (connection.db === undefined) throw new Error('the database is not connected');
  const ping = connection.db.admin().command({ ping: 1 });
  const forget = (): unknown => pings.delete(connection);
  ping.then(forget, forget);
  pings.set(connection, ping);
  return ping;
}

/** The clock of the server that takes the writes, for what instances compare whose own clocks may differ. */
export async function databaseTime({ db }: Connection): Promise<Date> {
  if (db === undefined) throw new Error('the database is not connected');
  const { localTime } = await db.command({ hello: 1 });
  return localTime;
}
