import { Decimal128 } from 'bson';
import {
  absolute,
  finite,
  quantized,
  roundDown,
  roundedTo,
  roundHalfEven,
  roundToZero,
  roundUp,
  signed,
  squareRoot,
  toDecimal128,
  wholePower,
  type Decimal,
} from '../bson/decimal.js';
import { expOf, lnOf, logOf, powerOf } from '../bson/decimal-functions.js';
import { double, isNumeric } from '../bson/number.js';
import { MongoError } from '../errors.js';
import { decimal, integer, real, whole, Width, widthOf } from './numeric.js';
import { nameOf, operator, unlessNull } from './operator.js';

/** What a function of one number makes of it: a decimal of a decimal, an integer of an integer where it can. */
interface Unary {
  doubles: (value: number) => number;
  decimals: (value: Decimal) => Decimal;
  integers?: (value: unknown) => unknown;
  /** The least argument that it takes. */
  domain?: { code: number; allows(value: number): boolean };
}

function unary(name: string, { doubles, decimals, integers, domain }: Unary) {
  return operator(
    name,
    [1, 1],
    unlessNull((value) => {
      const width = widthOf(value);
      if (width === undefined) throw new MongoError(28765, `${name} only supports numeric types, not ${nameOf(value)}`);
      if (domain && !domain.allows(real(value))) {
        throw new MongoError(domain.code, `${name}'s argument must be a positive number, but is ${String(value)}`);
      }
      if (width === Width.decimal) return toDecimal128(decimals(decimal(value)));
      return integers && width < Width.double ? integers(value) : double(doubles(real(value)));
    }),
  );
}

/** Of decimals, too, no more than the digits of a double. */
const asDoubles = (compute: (value: number) => number): Pick<Unary, 'doubles' | 'decimals'> => ({
  doubles: compute,
  decimals: (value) => decimal(double(compute(Number(toDecimal128(value).toString())))),
});

const unchanged = (value: unknown): unknown => value;

function magnitude(value: unknown): unknown {
  const number = whole(value);
  if (number === -(2n ** 63n)) throw new MongoError(28680, "can't take $abs of long long min");
  return integer(number < 0n ? -number : number, widthOf(value) ?? Width.int);
}

function power(base: unknown, exponent: unknown): unknown {
  const [left, right] = [widthOf(base), widthOf(exponent)];
  if (left === undefined) throw new MongoError(28762, `$pow's base must be numeric, not ${nameOf(base)}`);
  if (right === undefined) throw new MongoError(28763, `$pow's exponent must be numeric, not ${nameOf(exponent)}`);
  const [x, y] = [real(base), real(exponent)];
  if (x === 0 && y < 0) throw new MongoError(28764, '$pow cannot take a base of 0 and a negative exponent');
  if (left === Width.decimal || right === Width.decimal) return decimalPower(base, exponent);
  if (left === Width.double || right === Width.double || (y < 0 && Math.abs(x) !== 1)) return double(x ** y);
  const width = left === Width.long || right === Width.long ? Width.long : Width.int;
  if (Math.abs(x) <= 1) return integer(BigInt(x ** (Math.abs(y) % 2 || (y === 0 ? 0 : 2))), width);
  return y < 64 ? integer(whole(base) ** whole(exponent), width) : double(x ** y);
}

function decimalPower(base: unknown, exponent: unknown): unknown {
  const y = real(exponent);
  if (Number.isInteger(y) && Math.abs(y) < 10_000) return toDecimal128(wholePower(decimal(base), y));
  const isPositive = real(base) > 0 && Number.isFinite(y);
  return toDecimal128(isPositive ? powerOf(decimal(base), decimal(exponent)) : decimal(double(real(base) ** y)));
}

function logarithm(value: unknown, base: unknown): unknown {
  if (!isNumeric(value)) throw new MongoError(28756, `$log's argument must be numeric, not ${nameOf(value)}`);
  if (!isNumeric(base)) throw new MongoError(28757, `$log's base must be numeric, not ${nameOf(base)}`);
  if (!(real(value) > 0)) throw new MongoError(28758, `$log's argument must be a positive number`);
  if (!(real(base) > 0) || real(base) === 1) throw new MongoError(28759, `$log's base must be positive and not 1`);
  const isDecimal = value instanceof Decimal128 || base instanceof Decimal128;
  return isDecimal
    ? toDecimal128(logOf(decimal(value), decimal(base)))
    : double(Math.log(real(value)) / Math.log(real(base)));
}

type Rounding = typeof roundHalfEven;

/** `$round` and `$trunc`: to so many places, also to tens and hundreds. */
function places(name: string, round: Rounding, wholeDouble: (value: number) => number) {
  return operator(
    name,
    [1, 2],
    unlessNull((value, digits = 0) => {
      const width = widthOf(value);
      if (width === undefined) throw new MongoError(51081, `${name} only supports numeric types, not ${nameOf(value)}`);
      const count = isNumeric(digits) ? real(digits) : NaN;
      if (!Number.isInteger(count) || count < -20 || count > 100) {
        throw new MongoError(51082, `cannot apply ${name} with precision value ${String(digits)}`);
      }
      if (width === Width.decimal) return toDecimal128(quantized(decimal(value), -count, round));
      if (width < Width.double) return count >= 0 ? value : roundedInteger(name, value, -count, round);
      const number = real(value);
      if (count === 0 || !Number.isFinite(number)) return double(wholeDouble(number));
      return double(Number(`${wholeDouble(Number(`${number}e${count}`))}e${-count}`));
    }),
  );
}

function roundedInteger(name: string, value: unknown, exponent: number, round: Rounding): unknown {
  const rounded = roundedTo(finite(whole(value)), exponent, round);
  const result = rounded.kind === 'finite' ? signed(rounded) * 10n ** BigInt(rounded.exponent) : 0n;
  if (BigInt.asIntN(64, result) !== result) throw new MongoError(51080, `${name}: the result does not fit in an int64`);
  return integer(result, widthOf(value) ?? Width.int);
}

/** To the nearest even number when it lies in the middle. */
export function nearestEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

const positive = (code: number) => ({ code, allows: (x: number) => !(x <= 0) });
const between = (least: number, most: number) => ({ code: 50989, allows: (x: number) => !(x < least || x > most) });
const RADIANS = Math.PI / 180;

const FUNCTIONS: Record<string, Unary> = {
  $abs: { doubles: Math.abs, decimals: absolute, integers: magnitude },
  $ceil: { doubles: Math.ceil, decimals: (value) => roundedTo(value, 0, roundUp), integers: unchanged },
  $floor: { doubles: Math.floor, decimals: (value) => roundedTo(value, 0, roundDown), integers: unchanged },
  $sqrt: { doubles: Math.sqrt, decimals: squareRoot, domain: { code: 28714, allows: (x) => !(x < 0) } },
  $exp: { doubles: Math.exp, decimals: expOf },
  $ln: { doubles: Math.log, decimals: lnOf, domain: positive(28766) },
  $log10: { doubles: Math.log10, decimals: (value) => logOf(value, finite(10n)), domain: positive(28761) },
  $sin: asDoubles(Math.sin),
  $cos: asDoubles(Math.cos),
  $tan: asDoubles(Math.tan),
  $asin: { ...asDoubles(Math.asin), domain: between(-1, 1) },
  $acos: { ...asDoubles(Math.acos), domain: between(-1, 1) },
  $atan: asDoubles(Math.atan),
  $sinh: asDoubles(Math.sinh),
  $cosh: asDoubles(Math.cosh),
  $tanh: asDoubles(Math.tanh),
  $asinh: asDoubles(Math.asinh),
  $acosh: { ...asDoubles(Math.acosh), domain: between(1, Infinity) },
  $atanh: { ...asDoubles(Math.atanh), domain: between(-1, 1) },
  $degreesToRadians: asDoubles((x) => x * RADIANS),
  $radiansToDegrees: asDoubles((x) => x / RADIANS),
};

const functions = Object.fromEntries(Object.entries(FUNCTIONS).map(([name, rules]) => [name, unary(name, rules)]));

function angle(y: unknown, x: unknown): unknown {
  if (!isNumeric(y)) throw new MongoError(51044, `$atan2 only supports numeric types, not ${nameOf(y)}`);
  if (!isNumeric(x)) throw new MongoError(51045, `$atan2 only supports numeric types, not ${nameOf(x)}`);
  const result = double(Math.atan2(real(y), real(x)));
  return y instanceof Decimal128 || x instanceof Decimal128 ? toDecimal128(decimal(result)) : result;
}

export const functionOperators = {
  ...functions,
  $atan2: operator('$atan2', [2, 2], unlessNull(angle)),
  $log: operator('$log', [2, 2], unlessNull(logarithm)),
  $pow: operator('$pow', [2, 2], unlessNull(power)),
  $round: places('$round', roundHalfEven, nearestEven),
  $trunc: places('$trunc', roundToZero, Math.trunc),
};
