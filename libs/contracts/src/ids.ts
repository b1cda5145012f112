import { createHash } from 'node:crypto';
import { TypeID, typeid } from 'typeid-js';
import { z } from 'zod';

/** What an id can name. The prefix is part of the id everywhere: database, events, GraphQL, logs. */
export const ID_PREFIXES = [
  'account',
  'session',
  'credential',
  'merchant',
  'product',
  'variant',
  'profile',
  'post',
  'comment',
  'link',
  'cart',
  'order',
  'line',
  'payment',
  'review',
  'event',
  'request',
] as const;
export type IdPrefix = (typeof ID_PREFIXES)[number];

/** Makes ids. Passed in wherever ids are made, so that a test can fix them. */
export interface IdSource {
  next(prefix: IdPrefix): string;
}

/** TypeIDs over UUIDv7: they sort by the time of their making. */
export const typeIds: IdSource = { next: (prefix) => typeid(prefix).toString() };

/** Accepts ids of one kind, for example `order_01m84gm0f0f25a4d8x22mf2yaw`. */
export const idOf = (prefix: IdPrefix) =>
  z.string().regex(new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`), `is not an id of the form ${prefix}_…`);

/** The prefix of an id, or undefined when it is none of ours. */
export function prefixOf(id: string): IdPrefix | undefined {
  const prefix = id.slice(0, Math.max(0, id.indexOf('_')));
  return ID_PREFIXES.find((known) => known === prefix && idOf(known).safeParse(id).success);
}

/**
 * The id that a seed leads to, always the same for the same arguments: a command that is repeated under its client key
 * makes the same documents again. It sorts at `at`, as any other UUIDv7.
 */
export function idFrom(prefix: IdPrefix, at: Date, seed: string): string {
  const bytes = new Uint8Array(createHash('sha256').update(`${prefix}\u0000${seed}`).digest().subarray(0, 16));
  const view = new DataView(bytes.buffer);
  const ms = at.getTime();
  view.setUint16(0, Math.floor(ms / 2 ** 32));
  view.setUint32(2, ms % 2 ** 32);
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x70);
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
  return TypeID.fromUUIDBytes(prefix, bytes).toString();
}

/** An id that a client names. Its form is not checked: one that names nothing is not found, whatever it looks like. */
export const NamedId = z.string().max(200);
