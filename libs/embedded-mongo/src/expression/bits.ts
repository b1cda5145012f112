import { MongoError } from '../errors.js';
import { integer, whole, Width, widthOf } from './numeric.js';
import { nameOf, operator, unlessNull, untilNull } from './operator.js';

function widthOfInteger(name: string, value: unknown): Width {
  const width = widthOf(value);
  if (width !== undefined && width < Width.double) return width;
  throw new MongoError(14, `${name} can only be used with int and long, not ${nameOf(value)}`);
}

const bitwise = (name: string, start: bigint, combine: (a: bigint, b: bigint) => bigint) =>
  operator(name, [0, Infinity], (values) => {
    const widths = untilNull(values, (value) => widthOfInteger(name, value));
    if (widths === null) return null;
    return integer(values.map(whole).reduce(combine, start), widths.includes(Width.long) ? Width.long : Width.int);
  });

/** mingo's take JavaScript's numbers, 32 bits of them. */
export const bitOperators = {
  $bitAnd: bitwise('$bitAnd', -1n, (a, b) => a & b),
  $bitOr: bitwise('$bitOr', 0n, (a, b) => a | b),
  $bitXor: bitwise('$bitXor', 0n, (a, b) => a ^ b),
  $bitNot: operator(
    '$bitNot',
    [1, 1],
    unlessNull((value) => integer(~whole(value), widthOfInteger('$bitNot', value))),
  ),
};
