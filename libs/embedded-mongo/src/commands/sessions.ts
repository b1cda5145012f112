import { Binary } from 'bson';
import { randomUUID } from 'node:crypto';
import type { Document } from '../bson/document.js';
import { Code, MongoError } from '../errors.js';

/** Sessions hold nothing here, so there is nothing to end or refresh. */
export function endSessions(): Document {
  return { ok: 1 };
}

export function startSession(): Document {
  const id = new Binary(Buffer.from(randomUUID().replaceAll('-', ''), 'hex'), Binary.SUBTYPE_UUID);
  return { id: { id }, timeoutMinutes: 30, ok: 1 };
}

export function noTransaction(): Document {
  throw new MongoError(Code.IllegalOperation, 'Transaction numbers are only allowed on a replica set member or mongos');
}
