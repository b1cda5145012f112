import { Decimal128, Double, Int32, Long, ObjectId, type Document } from 'bson';
import type { Random } from './random.js';

const WORDS = ['lamp', 'Lamp', 'desk', 'chair', 'été', 'a.b', ''];
const DAY = 86_400_000;

export const word = (random: Random): string => random.pick(WORDS);
export const small = (random: Random): number => random.below(7) - 2;

/** A number of each of BSON's three binary types, close to one another so that comparisons meet. */
export const number = (random: Random): unknown =>
  random.one<unknown>(
    () => new Int32(small(random)),
    () => new Int32(small(random)),
    () => new Double(small(random) + (random.chance(0.5) ? 0.5 : 0)),
    () => Long.fromNumber(small(random)),
  );

/** A decimal, too: for fields that no filter and no group is by, as FerretDB tells decimals apart by their zeros there. */
export const anyNumber = (random: Random): unknown =>
  random.chance(0.7) ? number(random) : Decimal128.fromString(`${small(random)}${random.pick(['', '.5', '.50'])}`);

/** An int32 mostly. */
export const count = (random: Random): unknown => (random.chance(0.8) ? new Int32(small(random)) : number(random));

export const moment = (random: Random): Date => new Date(Date.UTC(2026, 10, 20) + random.below(6) * DAY);
export const identifier = (random: Random): ObjectId => new ObjectId(random.below(5).toString(16).padStart(24, '0'));

export const scalar = (random: Random): unknown =>
  random.one<unknown>(
    () => number(random),
    () => number(random),
    () => word(random),
    () => moment(random),
    () => identifier(random),
    () => random.chance(0.5),
    () => null,
  );

export const line = (random: Random): Document => ({ sku: word(random), quantity: count(random) });

/** Shaped like what services store: numbers, text, times, lists, embedded documents and lists of them. */
export function document(random: Random, id: number): Document {
  const fields: [string, () => unknown][] = [
    ['n', () => number(random)],
    ['s', () => word(random)],
    ['at', () => moment(random)],
    ['any', () => scalar(random)],
    ['tags', () => random.list(3, () => word(random))],
    ['nums', () => random.list(3, () => count(random))],
    ['sub', () => ({ x: count(random), y: scalar(random) })],
    ['lines', () => random.list(3, () => line(random))],
  ];
  const chosen = fields.filter(() => random.chance(0.8)).map(([name, make]) => [name, make()]);
  return { _id: id, ...Object.fromEntries(chosen) };
}
