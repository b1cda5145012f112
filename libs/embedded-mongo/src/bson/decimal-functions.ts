import { finite, signed, ZERO, type Decimal } from './decimal.js';

/** Fixed-point numbers with so many places: enough for 34 digits after all that is done with them. */
const PLACES = 60;
const ONE = 10n ** BigInt(PLACES);

/** The series of the inverse hyperbolic tangent, for small arguments. */
function areaTangent(z: bigint): bigint {
  const square = (z * z) / ONE;
  let sum = 0n;
  for (let n = 1n, power = z; power !== 0n; n += 2n, power = (power * square) / ONE) sum += power / n;
  return sum;
}

/** Of a fixed-point number between 1/2 and 2. */
const nearLogarithm = (value: bigint): bigint => 2n * areaTangent(((value - ONE) * ONE) / (value + ONE));

const LN2 = nearLogarithm(2n * ONE);
const LN10 = 3n * LN2 + nearLogarithm((ONE * 10n) / 8n);

/** The natural logarithm of a positive decimal, in fixed point. */
function logarithm({ digits, exponent }: { digits: bigint; exponent: number }): bigint {
  const length = digits.toString().length;
  let mantissa = (digits * ONE) / 10n ** BigInt(length - 1);
  let twos = 0n;
  for (; mantissa > (ONE * 4n) / 3n; twos++) mantissa /= 2n;
  return nearLogarithm(mantissa) + twos * LN2 + BigInt(exponent + length - 1) * LN10;
}

/** As a decimal; so near to a whole number it is that number. */
function decimalOfFixed(value: bigint): Decimal {
  const nearest = (value + (value < 0n ? -ONE : ONE) / 2n) / ONE;
  const distance = value - nearest * ONE;
  const isWhole = (distance < 0n ? -distance : distance) < 10n ** 15n;
  return isWhole ? finite(nearest) : finite(value, -PLACES);
}

function exponential(value: bigint): Decimal {
  const tens = value / LN10;
  const small = (value - tens * LN10) / 256n;
  let sum = ONE;
  for (let n = 1n, term = small; term !== 0n; n++, term = (term * small) / (ONE * n)) sum += term;
  for (let i = 0; i < 8; i++) sum = (sum * sum) / ONE;
  return finite(sum, Number(tens) - PLACES);
}

const INFINITE: Decimal = { kind: 'infinity', negative: false };

/** Beyond this the result is no decimal any more. */
const MOST = 20_000n * ONE;

function exponentialOf(power: bigint): Decimal {
  if (power > MOST) return INFINITE;
  return power < -MOST ? ZERO : exponential(power);
}

function fixed(value: Extract<Decimal, { kind: 'finite' }>): bigint {
  const shift = PLACES + value.exponent;
  return shift >= 0 ? signed(value) * 10n ** BigInt(shift) : signed(value) / 10n ** BigInt(-shift);
}

/** Its size alone says that the exponential of the number is no decimal any more. */
const isHuge = ({ digits, exponent }: { digits: bigint; exponent: number }): boolean =>
  digits.toString().length + exponent > 6;

export function expOf(value: Decimal): Decimal {
  if (value.kind === 'nan') return value;
  if (value.kind === 'infinity' || isHuge(value)) return value.negative ? ZERO : INFINITE;
  return value.digits === 0n ? finite(1n) : exponentialOf(fixed(value));
}

/** Of a positive number. */
export function lnOf(value: Decimal): Decimal {
  return value.kind === 'finite' && value.digits > 0n ? decimalOfFixed(logarithm(value)) : value;
}

export function logOf(value: Decimal, base: Decimal): Decimal {
  if (value.kind !== 'finite' || base.kind !== 'finite') return value;
  return decimalOfFixed((logarithm(value) * ONE) / logarithm(base));
}

/** A power of a positive number. */
export function powerOf(base: Decimal, exponent: Decimal): Decimal {
  if (base.kind !== 'finite' || exponent.kind !== 'finite') return { kind: 'nan' };
  return exponentialOf((logarithm(base) * fixed(exponent)) / ONE);
}
