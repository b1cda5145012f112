import { Decimal128, Long } from 'bson';
import { compareValues } from '../bson/compare.js';
import { isDate, numberOf } from '../bson/document.js';
import { isNumeric } from '../bson/number.js';
import { MongoError } from '../errors.js';
import { calculate } from '../update/arithmetic.js';
import { isNullish, nameOf, operator, unlessNull } from './operator.js';

/** As a double; also of decimals, whose functions beyond sums and products are those of doubles here. */
const real = (value: unknown): number => numberOf(value) ?? Number(String(value));

const isWide = (value: unknown): boolean => value instanceof Decimal128 || value instanceof Long;

export function sumOf(a: unknown, b: unknown): unknown {
  return isWide(a) || isWide(b) ? calculate('add', a, b) : real(a) + real(b);
}

const product = (a: unknown, b: unknown): unknown =>
  isWide(a) || isWide(b) ? calculate('multiply', a, b) : real(a) * real(b);

function mismatch(message: string): MongoError {
  return new MongoError(14, message);
}

/** The first operand that ends the calculation: null of null, or an error of what is no number. */
function firstOther(values: unknown[], accepts: (value: unknown) => boolean): number {
  return values.findIndex((value) => !accepts(value));
}

function add(values: unknown[]): unknown {
  const other = firstOther(values, (value) => isNumeric(value) || isDate(value));
  if (other >= 0 && isNullish(values[other])) return null;
  if (other >= 0) throw mismatch(`$add only supports numeric or date types, not ${nameOf(values[other])}`);
  const dates = values.filter(isDate);
  if (dates.length > 1) throw mismatch('only one date allowed in an $add expression');
  const total = values.filter((value) => !isDate(value)).reduce(sumOf, 0);
  const [date] = dates;
  return date ? new Date(date.getTime() + Math.round(real(total))) : total;
}

function subtract(a: unknown, b: unknown): unknown {
  if (isDate(a) && isDate(b)) return a.getTime() - b.getTime();
  if (isDate(a) && isNumeric(b)) return new Date(a.getTime() - Math.round(real(b)));
  if (isNumeric(a) && isNumeric(b)) return isWide(a) || isWide(b) ? sumOf(a, product(b, -1)) : real(a) - real(b);
  throw mismatch(`can't $subtract ${nameOf(b)} from ${nameOf(a)}`);
}

function multiply(values: unknown[]): unknown {
  const other = firstOther(values, isNumeric);
  if (other < 0) return values.reduce(product, 1);
  if (isNullish(values[other])) return null;
  throw mismatch(`$multiply only supports numeric types, not ${nameOf(values[other])}`);
}

function divide(a: unknown, b: unknown): unknown {
  if (!isNumeric(a) || !isNumeric(b)) {
    throw mismatch(`$divide only supports numeric types, not ${nameOf(a)} and ${nameOf(b)}`);
  }
  if (real(b) === 0) throw new MongoError(2, "can't $divide by zero");
  return real(a) / real(b);
}

function modulo(a: unknown, b: unknown): unknown {
  if (!isNumeric(a) || !isNumeric(b)) {
    throw new MongoError(16611, `$mod only supports numeric types, not ${nameOf(a)} and ${nameOf(b)}`);
  }
  if (real(b) === 0) throw new MongoError(16610, "can't $mod by zero");
  return real(a) % real(b);
}

/** A function of one number, with the least argument that it takes. */
function unary(name: string, result: (value: number) => number, domain?: { code: number; allows(x: number): boolean }) {
  return operator(
    name,
    [1, 1],
    unlessNull((value) => {
      if (!isNumeric(value)) throw new MongoError(28765, `${name} only supports numeric types, not ${nameOf(value)}`);
      const number = real(value);
      if (domain && !domain.allows(number)) {
        throw new MongoError(domain.code, `${name}'s argument must be a positive number, but is ${number}`);
      }
      return result(number);
    }),
  );
}

function power(base: unknown, exponent: unknown): unknown {
  if (!isNumeric(base)) throw new MongoError(28762, `$pow's base must be numeric, not ${nameOf(base)}`);
  if (!isNumeric(exponent)) throw new MongoError(28763, `$pow's exponent must be numeric, not ${nameOf(exponent)}`);
  if (real(base) === 0 && real(exponent) < 0) {
    throw new MongoError(28764, '$pow cannot take a base of 0 and a negative exponent');
  }
  return real(base) ** real(exponent);
}

function logarithm(value: unknown, base: unknown): unknown {
  if (!isNumeric(value)) throw new MongoError(28756, `$log's argument must be numeric, not ${nameOf(value)}`);
  if (!isNumeric(base)) throw new MongoError(28757, `$log's base must be numeric, not ${nameOf(base)}`);
  if (!(real(value) > 0)) throw new MongoError(28758, `$log's argument must be a positive number`);
  if (!(real(base) > 0) || real(base) === 1) throw new MongoError(28759, `$log's base must be positive and not 1`);
  return Math.log(real(value)) / Math.log(real(base));
}

/** `$round` and `$trunc`: to so many places, also to tens and hundreds. */
function places(name: string, whole: (value: number) => number) {
  return operator(
    name,
    [1, 2],
    unlessNull((value, digits = 0) => {
      if (!isNumeric(value)) throw new MongoError(51081, `${name} only supports numeric types, not ${nameOf(value)}`);
      const count = numberOf(digits);
      if (count === undefined || !Number.isInteger(count) || count < -20 || count > 100) {
        throw new MongoError(51082, `cannot apply ${name} with precision value ${String(digits)}`);
      }
      const number = real(value);
      if (count === 0 || !Number.isFinite(number)) return whole(number);
      return Number(`${whole(Number(`${number}e${count}`))}e${-count}`);
    }),
  );
}

/** To the nearest even number when it lies in the middle. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** A single list is meant element by element; what is no number does not count. */
const numbersOf = (values: unknown[]): unknown[] => spread(values).filter(isNumeric);

export const spread = (values: unknown[]): unknown[] =>
  values.length === 1 && Array.isArray(values[0]) ? (values[0] as unknown[]) : values;

export function average(numbers: unknown[]): unknown {
  return numbers.length === 0 ? null : real(numbers.reduce(sumOf, 0)) / numbers.length;
}

/** The lowest or highest value; null and missing do not count. */
export function extreme(values: unknown[], sign: 1 | -1): unknown {
  const present = values.filter((value) => !isNullish(value));
  if (present.length === 0) return null;
  return present.reduce((best, value) => (sign * compareValues(value, best) > 0 ? value : best));
}

const positive = (code: number) => ({ code, allows: (x: number) => !(x <= 0) });
const ANY = [1, Infinity] as const;

export const arithmeticOperators = {
  $add: operator('$add', ANY, add),
  $subtract: operator('$subtract', [2, 2], unlessNull(subtract)),
  $multiply: operator('$multiply', ANY, multiply),
  $divide: operator('$divide', [2, 2], unlessNull(divide)),
  $mod: operator('$mod', [2, 2], unlessNull(modulo)),
  $abs: unary('$abs', Math.abs),
  $ceil: unary('$ceil', Math.ceil),
  $floor: unary('$floor', Math.floor),
  $exp: unary('$exp', Math.exp),
  $sqrt: unary('$sqrt', Math.sqrt, { code: 28714, allows: (x) => !(x < 0) }),
  $ln: unary('$ln', Math.log, positive(28766)),
  $log10: unary('$log10', Math.log10, positive(28761)),
  $log: operator('$log', [2, 2], unlessNull(logarithm)),
  $pow: operator('$pow', [2, 2], unlessNull(power)),
  $round: places('$round', roundHalfEven),
  $trunc: places('$trunc', Math.trunc),
  $sum: operator('$sum', ANY, (values) => numbersOf(values).reduce(sumOf, 0)),
  $avg: operator('$avg', ANY, (values) => average(numbersOf(values))),
  $min: operator('$min', ANY, (values) => extreme(spread(values), -1)),
  $max: operator('$max', ANY, (values) => extreme(spread(values), 1)),
};
