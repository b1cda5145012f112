import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addMoney,
  CurrencyMismatchError,
  InvalidAmountError,
  minorDigits,
  money,
  parseMoney,
  splitMoney,
} from './money.js';

describe('money', () => {
  test('knows the minor digits of currencies', () => {
    expect(['EUR', 'JPY', 'KWD'].map(minorDigits)).toEqual([2, 0, 3]);
  });

  test('reads decimals exactly', () => {
    expect(parseMoney('19.99', 'EUR')).toEqual(money(1999, 'EUR'));
    expect(parseMoney('19.9900', 'EUR')).toEqual(money(1999, 'EUR'));
    expect(parseMoney('1200', 'JPY')).toEqual(money(1200, 'JPY'));
    expect(parseMoney('-0.00', 'EUR')).toEqual(money(0, 'EUR'));
  });

  test.each(['', 'abc', '1,5', '1.999', '1e3', '99999999999999999'])('refuses «%s» as euros', (text) => {
    expect(() => parseMoney(text, 'EUR')).toThrow(InvalidAmountError);
  });

  test('reads back every amount that it can write', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (amount) => {
        const digits = String(Math.abs(amount)).padStart(3, '0');
        const written = `${amount < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
        expect(parseMoney(written, 'EUR').amountMinor).toBe(amount);
      }),
    );
  });

  test('refuses to add two currencies', () => {
    expect(() => addMoney(money(1, 'EUR'), money(1, 'USD'))).toThrow(CurrencyMismatchError);
  });

  test('splits without losing or making a cent, each part within one unit of its exact share', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.maxSafeInteger(), weights, (amount, parts) => {
        fc.pre(parts.some((weight) => weight > 0));
        const shares = splitMoney(money(amount, 'EUR'), parts);
        const total = shares.reduce((sum, share) => sum + BigInt(share.amountMinor), 0n);
        expect(total).toBe(BigInt(amount));
        const sum = BigInt(parts.reduce((left, right) => left + right, 0));
        shares.forEach((share, index) => {
          const off = BigInt(share.amountMinor) * sum - BigInt(amount) * BigInt(parts[index] ?? 0);
          expect(off < sum && -off < sum).toBe(true);
        });
      }),
    );
  });
});
