import { Binary, Long, Timestamp } from 'bson';
import { MongoError } from '../errors.js';
import { nameOf, operator, unlessNull } from './operator.js';

function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (value instanceof Binary) return value.length();
  throw new MongoError(51276, `$binarySize requires a string or BinData argument, found: ${nameOf(value)}`);
}

/** One half of a timestamp, as an int64. */
const half = (name: string, code: number, of: (timestamp: Timestamp) => number) =>
  operator(
    name,
    [1, 1],
    unlessNull((value) => {
      if (value instanceof Timestamp) return Long.fromNumber(of(value));
      throw new MongoError(code, `${name} requires a timestamp argument, found: ${nameOf(value)}`);
    }),
  );

/** What mingo does not know of values that are made of bytes. */
export const binaryOperators = {
  $binarySize: operator('$binarySize', [1, 1], unlessNull(bytesOf)),
  $tsSecond: half('$tsSecond', 5_687_301, (timestamp) => timestamp.getHighBitsUnsigned()),
  $tsIncrement: half('$tsIncrement', 5_687_302, (timestamp) => timestamp.getLowBitsUnsigned()),
};
