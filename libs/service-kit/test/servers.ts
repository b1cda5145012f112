import { randomBytes } from 'node:crypto';

/** A database server, and names of this test's own. */
export const MONGODB_URI = process.env.MONGODB_URI ?? 'mongodb://127.0.0.1:27117/';
export const KAFKA_BROKERS = process.env.KAFKA_BROKERS ?? '127.0.0.1:19092';
export const newNamespace = (): string => `t${randomBytes(5).toString('hex')}-`;
