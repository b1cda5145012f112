import { Double, Int32, Long, ObjectId, type Document } from 'bson';
import type { Random } from './random.js';

const WORDS = ['lamp', 'Lamp', 'desk', 'chair', 'été', 'a.b', ''];
const DAY = 86_400_000;

export const word = (random: Random): string => random.pick(WORDS);
export const small = (random: Random): number => random.below(7) - 2;

/** A number of each of BSON's three binary types, close to one another so that comparisons meet. */
export const number = (random: Random): unknown =>
  random.one<unknown>(
    () => new Int32(small(random)),
    () => new Double(small(random) + (random.chance(0.5) ? 0.5 : 0)),
    () => Long.fromNumber(small(random)),
  );

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

export const line = (random: Random): Document => ({ sku: word(random), quantity: new Int32(small(random)) });

/** Shaped like what services store: numbers, text, times, lists, embedded documents and lists of them. */
export function document(random: Random, id: number): Document {
  const fields: [string, () => unknown][] = [
    ['n', () => number(random)],
    ['s', () => word(random)],
    ['at', () => moment(random)],
    ['any', () => scalar(random)],
    ['tags', () => random.list(3, () => word(random))],
    ['nums', () => random.list(3, () => new Int32(small(random)))],
    ['sub', () => ({ x: new Int32(small(random)), y: scalar(random) })],
    ['lines', () => random.list(3, () => line(random))],
  ];
  const chosen = fields.filter(() => random.chance(0.8)).map(([name, make]) => [name, make()]);
  return { _id: id, ...Object.fromEntries(chosen) };
}
