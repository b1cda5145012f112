import { z } from 'zod';

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** ISO 4217, three capital letters. */
export const CurrencyCode = z.string().refine((code) => CURRENCIES.has(code), 'is not an ISO 4217 currency');

/** An amount in the currency's smallest unit: cents for EUR, yen for JPY. */
export const Money = z.object({ amountMinor: z.int(), currency: CurrencyCode });
export type Money = z.infer<typeof Money>;

/** A price: never negative. */
export const Price = Money.extend({ amountMinor: z.int().min(0, 'is negative') });

/** Amounts of two currencies never meet in one sum. code CURRENCY_MISMATCH */
export class CurrencyMismatchError extends Error {
  readonly code = 'CURRENCY_MISMATCH';
  constructor(left: string, right: string) {
    super(`${left} and ${right} can't be added`);
  }
}

/** A decimal that the currency can't hold, or that is no decimal. code INVALID_AMOUNT */
export class InvalidAmountError extends Error {
  readonly code = 'INVALID_AMOUNT';
}

/** How many decimals the currency has: 2 for EUR, 0 for JPY, 3 for KWD. */
export function minorDigits(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
  return maximumFractionDigits ?? 2;
}

export const money = (amountMinor: number, currency: string): Money => ({ amountMinor, currency });

export function addMoney(left: Money, right: Money): Money {
  if (left.currency !== right.currency) throw new CurrencyMismatchError(left.currency, right.currency);
  return money(left.amountMinor + right.amountMinor, left.currency);
}

export const multiplyMoney = (amount: Money, times: number): Money =>
  money(amount.amountMinor * times, amount.currency);

export const sumMoney = (amounts: readonly Money[], currency: string): Money =>
  amounts.reduce(addMoney, money(0, currency));

/**
 * Splits an amount in proportion to the weights by the largest-remainder (Hamilton) method: the parts add up to the
 * amount exactly, and each is within one minor unit of its exact share. Ties go to the earlier part.
 */
export function splitMoney(total: Money, weights: readonly number[]): Money[] {
  const sum = weights.reduce((left, right) => left + right, 0);
  if (weights.length === 0 || sum <= 0 || weights.some((weight) => weight < 0 || !Number.isSafeInteger(weight))) {
    throw new InvalidAmountError('weights are non-negative integers of which one at least is positive');
  }
  const sign = total.amountMinor < 0 ? -1n : 1n;
  const amount = BigInt(total.amountMinor) * sign;
  const shares = weights.map((weight) => ({
    whole: (amount * BigInt(weight)) / BigInt(sum),
    rest: (amount * BigInt(weight)) % BigInt(sum),
  }));
  const left = Number(amount - shares.reduce((all, share) => all + share.whole, 0n));
  const byRest = shares.map((_, index) => index).toSorted((a, b) => compare(shares[b]?.rest, shares[a]?.rest) || a - b);
  const lucky = new Set(byRest.slice(0, left));
  return shares.map((share, index) => {
    const part = (share.whole + (lucky.has(index) ? 1n : 0n)) * sign;
    return money(Number(part), total.currency);
  });
}

const compare = (left = 0n, right = 0n): number => (left < right ? -1 : Number(left > right));

/** Reads a decimal such as `19.99` as written in exports. Errors: InvalidAmountError. */
export function parseMoney(decimal: string, currency: string): Money {
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(decimal.trim());
  const digits = minorDigits(currency);
  if (!match) throw new InvalidAmountError(`«${decimal}» is not a decimal number`);
  const [, sign, whole = '', fraction = ''] = match;
  if (/[1-9]/.test(fraction.slice(digits))) {
    throw new InvalidAmountError(`«${decimal}» has more decimals than ${currency} (${digits})`);
  }
  const amount = Number(`${sign}${whole}${fraction.slice(0, digits).padEnd(digits, '0')}`);
  if (!Number.isSafeInteger(amount)) throw new InvalidAmountError(`«${decimal}» is too large`);
  return money(amount === 0 ? 0 : amount, currency);
}
