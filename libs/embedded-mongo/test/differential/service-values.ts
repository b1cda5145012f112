import { Int32, type Document } from 'bson';
import type { Random } from './random.js';

const IDS = 48;
const FIRST_DAY = Date.UTC(2026, 10, 20);
const DAY = 86_400_000;

const idAt = (position: number): string => `order_${String(position).padStart(2, '0')}`;
export const idOf = (random: Random): string => idAt(random.below(IDS));
export const manyIds = (random: Random): string[] => Array.from({ length: random.below(40) }, () => idOf(random));

/** Ids between two. */
export const upTo = (random: Random, width: number): Document => {
  const from = random.below(IDS);
  return { $gt: idAt(from), $lt: idAt(from + random.below(width)) };
};

export const code = (random: Random): string => `code_${random.below(60)}`;
export const tag = (random: Random): string => random.pick(['lamp', 'desk', 'chair', 'été', 'rug']);
export const state = (random: Random): string => random.pick(['PLACED', 'PAID', 'SHIPPED', 'DONE']);
export const merchant = (random: Random): string => `merchant_${random.below(4)}`;
export const version = (random: Random): Int32 => new Int32(1 + random.below(5));

/** No two documents have the same times, so that a sort by one has one right order. */
export const bornAt = (random: Random, id: string): Date =>
  new Date(FIRST_DAY + random.below(6) * DAY + Number(id.slice(-2)));
export const moment = (random: Random): Date => new Date(FIRST_DAY + random.below(7) * DAY);

export const line = (random: Random): Document => ({ id: code(random), quantity: version(random) });

/** An aggregate with what the store keeps in it, and what projections keep in theirs. */
export function stored(random: Random): Document {
  const _id = idOf(random);
  const outbox = random.list(2, () => ({ id: code(random), v: version(random), type: state(random) }));
  const fields: [string, () => unknown][] = [
    ['merchantId', () => merchant(random)],
    ['number', () => new Int32(random.below(200))],
    ['handle', () => code(random)],
    ['state', () => state(random)],
    ['active', () => random.chance(0.7)],
    ['keys', () => random.list(3, () => tag(random))],
    ['prices', () => random.list(3, () => new Int32(random.below(10)))],
    ['lines', () => random.list(3, () => line(random))],
    ['error', () => ({ name: state(random), fingerprint: tag(random) })],
    ['nextAt', () => bornAt(random, _id)],
    ['src', () => ({ product: version(random) })],
    ['counts', () => ({ a: version(random) })],
  ];
  const chosen = fields.filter(() => random.chance(0.85)).map(([name, make]) => [name, make()]);
  return {
    _id,
    ...Object.fromEntries(chosen),
    v: version(random),
    rev: version(random),
    outbox,
    ...(outbox.length > 0 && { outboxAt: bornAt(random, _id) }),
    commands: random.list(2, () => code(random)),
  };
}

type Index = readonly [key: Document, options: Document];

/** Of the kinds that services have: unique, partial, compound, on arrays. */
export const indexes: readonly Index[] = [
  [{ merchantId: 1, number: 1 }, { unique: true }],
  [{ handle: 1 }, { unique: true, partialFilterExpression: { handle: { $exists: true } } }],
  [{ merchantId: 1, state: 1, _id: -1 }, {}],
  [{ outboxAt: 1 }, { partialFilterExpression: { outboxAt: { $exists: true } } }],
  [{ nextAt: 1 }, { partialFilterExpression: { nextAt: { $exists: true } } }],
  [{ keys: 1, _id: -1 }, {}],
  [{ 'lines.id': 1 }, {}],
  [{ 'error.fingerprint': 1, merchantId: 1 }, {}],
];
