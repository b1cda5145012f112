import { createHmac, timingSafeEqual } from 'node:crypto';
import type { z } from 'zod';
import { InvalidCursorError } from './errors.js';

/**
 * Not a secret: a cursor opens nothing that its list would not show. The mark only tells a cursor of this list from
 * anything else, so that a wrong one is an error and not a wrong page.
 */
const MARK_BYTES = 8;
const markOf = (list: string, body: Buffer): Buffer =>
  createHmac('sha256', `grapevine cursor v1 ${list}`).update(body).digest().subarray(0, MARK_BYTES);

/** An opaque place in a list: `encodeCursor('products', [createdAt, id])`. */
export function encodeCursor(list: string, place: unknown): string {
  const body = Buffer.from(JSON.stringify(place));
  return Buffer.concat([markOf(list, body), body]).toString('base64url');
}

/** @throws InvalidCursorError for anything that encodeCursor did not make for this list. */
export function decodeCursor<Schema extends z.ZodType>(list: string, cursor: string, schema: Schema): z.infer<Schema> {
  const bytes = Buffer.from(cursor, 'base64url');
  const body = bytes.subarray(MARK_BYTES);
  const marked = bytes.length > MARK_BYTES && timingSafeEqual(bytes.subarray(0, MARK_BYTES), markOf(list, body));
  if (!marked) throw new InvalidCursorError();
  const place = schema.safeParse(JSON.parse(body.toString()));
  if (!place.success) throw new InvalidCursorError();
  return place.data;
}
