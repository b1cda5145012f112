import { describe, expect, it } from '@jest/globals';
import { Decimal128, Double, Long } from 'bson';
import fc from 'fast-check';
import { equalValues } from '../bson/compare.js';
import { decode, encode, plain, plainDocument } from '../bson/document.js';
import { double } from '../bson/number.js';
import { evaluate } from './evaluate.js';
import { differenceOf, productOf, quotientOf, real, sumOf, totalOf, Width, widthOf } from './numeric.js';

const int = fc.oneof(fc.integer(), fc.integer({ min: -3, max: 3 }), fc.constantFrom(2 ** 31 - 1, -(2 ** 31)));
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const long = fc.oneof(int64, fc.bigInt({ min: -9n, max: 9n })).map((value) => Long.fromBigInt(value));
const real64 = fc
  .oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -9, max: 9 }))
  .map(double);
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -6, max: 3 }))
  .map(([digits, exponent]) => Decimal128.fromString(`${digits}E${exponent}`));
const number = fc.oneof(int, long, real64, decimal);
const widest = (...values: unknown[]): number => Math.max(...values.map((value) => widthOf(value) ?? -1));

describe('numbers', () => {
  it('are held so that they are written as they came', () => {
    fc.assert(
      fc.property(fc.oneof(int, long, fc.double().map(double), decimal), (n) => {
        const bytes = encode({ n });
        expect(encode(plainDocument(decode(bytes)))).toEqual(bytes);
        expect(widthOf(plain(decode(bytes).n))).toBe(widthOf(n));
      }),
    );
  });

  it.each([
    ['sum', sumOf],
    ['difference', differenceOf],
    ['product', productOf],
  ])('have a %s that is as wide as the wider one, or wider when it does not fit', (_title, operation) => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        const width = widthOf(operation(a, b)) ?? -1;
        expect(width).toBeGreaterThanOrEqual(widest(a, b));
        if (widest(a, b) >= Width.double) expect(width).toBe(widest(a, b));
      }),
      { numRuns: 500 },
    );
  });

  it('are exact as int32 and int64, and doubles only beyond', () => {
    fc.assert(
      fc.property(fc.oneof(int, long), fc.oneof(int, long), (a, b) => {
        for (const [operation, exact] of [
          [sumOf, BigInt(String(a)) + BigInt(String(b))],
          [differenceOf, BigInt(String(a)) - BigInt(String(b))],
          [productOf, BigInt(String(a)) * BigInt(String(b))],
        ] as const) {
          const result = operation(a, b);
          if (BigInt.asIntN(64, exact) === exact) expect(String(result)).toBe(String(exact));
          else expect(result).toEqual(double(Number(exact)));
          const isSmall = widest(a, b) === Width.int && BigInt.asIntN(32, exact) === exact;
          expect(widthOf(result) === Width.int).toBe(isSmall);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('have a total that no order changes, and that is their sum', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(int, long), { maxLength: 8 }),
        fc.array(real64, { maxLength: 2 }),
        (whole, rest) => {
          const [forth, back] = [[...whole, ...rest], [...whole, ...rest].toReversed()].map((all) =>
            totalOf(all).result(),
          );
          expect(equalValues(forth, back)).toBe(true);
          expect(widthOf(forth)).toBeGreaterThanOrEqual(
            Math.max(Width.int, ...[...whole, ...rest].map((n) => widest(n))),
          );
          const exact = whole.reduce<bigint>((sum, value) => sum + BigInt(String(value)), 0n);
          if (rest.length === 0 && BigInt.asIntN(64, exact) === exact) expect(String(forth)).toBe(String(exact));
        },
      ),
      { numRuns: 500 },
    );
    expect(totalOf(Array.from({ length: 10 }, () => 0.1)).result()).toEqual(new Double(1));
    expect(totalOf([Long.MAX_VALUE, 1, -1]).result()).toEqual(Long.MAX_VALUE);
    expect(totalOf([]).average()).toBeNull();
  });

  it('have a quotient that is a double, or a decimal', () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        fc.pre(real(b) !== 0);
        expect(widthOf(quotientOf(a, b))).toBe(Math.max(widest(a, b), Width.double));
      }),
    );
  });

  it('as decimals come back from a product by a division', () => {
    fc.assert(
      fc.property(decimal, fc.integer({ min: 1, max: 1_000 }), (a, n) => {
        expect(equalValues(quotientOf(productOf(a, n), n), a)).toBe(true);
        expect(equalValues(differenceOf(sumOf(a, n), n), a)).toBe(true);
      }),
    );
  });
});

const decimalOf = (text: string) => Decimal128.fromString(text);

describe('an expression', () => {
  // As MongoDB's manual has it, and FerretDB answers.
  it.each<[expression: unknown, result: unknown]>([
    [{ $add: ['$int', '$long'] }, Long.fromNumber(14)],
    [{ $add: ['$int', '$double'] }, new Double(14)],
    [{ $add: ['$decimal', 0.1] }, decimalOf('7.600000000000000')],
    [{ $divide: ['$int', 7] }, new Double(1)],
    [{ $divide: [decimalOf('1'), 3] }, decimalOf('0.3333333333333333333333333333333333')],
    [{ $mod: ['$int', new Double(2)] }, 1],
    [{ $mod: ['$decimal', 2] }, decimalOf('1.50')],
    [{ $abs: -(2 ** 31) }, Long.fromNumber(2 ** 31)],
    [{ $floor: '$decimal' }, decimalOf('7')],
    [{ $ceil: 7.5 }, new Double(8)],
    [{ $sqrt: decimalOf('2') }, decimalOf('1.414213562373095048801688724209698')],
    [{ $exp: decimalOf('7.50') }, decimalOf('1808.042414456063206903801482778805')],
    [{ $ln: decimalOf('10') }, decimalOf('2.302585092994045684017991454684364')],
    [{ $log10: decimalOf('100') }, decimalOf('2')],
    [{ $log: [decimalOf('8'), 2] }, decimalOf('3')],
    [{ $pow: [decimalOf('1.1'), 3] }, decimalOf('1.331')],
    [{ $pow: [2, 31] }, Long.fromNumber(2 ** 31)],
    [{ $pow: [2, -1] }, 0.5],
    [{ $round: [1234, -2] }, 1200],
    [{ $round: [2 ** 31 - 1, -1] }, Long.fromNumber(2_147_483_650)],
    [{ $trunc: ['$decimal', 1] }, decimalOf('7.5')],
    [{ $round: ['$decimal', 3] }, decimalOf('7.500')],
    [{ $round: [decimalOf('34'), 1] }, decimalOf('34.0')],
    [{ $round: [decimalOf('1E40'), 1] }, decimalOf('1E40')],
    [{ $avg: ['$int', '$int'] }, new Double(7)],
    [{ $avg: ['$decimal', '$int'] }, decimalOf('7.25')],
    [{ $max: ['$double', '$int'] }, new Double(7)],
    [{ $toInt: '$double' }, 7],
    [{ $toLong: '$int' }, Long.fromNumber(7)],
    [{ $toDouble: '$int' }, new Double(7)],
    [{ $toDecimal: 2.5 }, decimalOf('2.50000000000000')],
    [{ $toString: '$double' }, '7'],
    [{ $toString: 1e20 }, '1e+20'],
    [{ $toString: Long.MAX_VALUE }, '9223372036854775807'],
    [{ $type: { $multiply: ['$int', '$double'] } }, 'double'],
    [{ $cond: [new Double(0), 'yes', 'no'] }, 'no'],
    [{ $cond: [decimalOf('0.0'), 'yes', 'no'] }, 'no'],
    [{ $filter: { input: ['$double', new Double(0)], cond: '$$this', limit: Long.ONE } }, [new Double(7)]],
    [{ $range: [new Double(0), Long.fromNumber(2)] }, [0, 1]],
    [{ $bitAnd: ['$int', Long.fromNumber(3)] }, Long.fromNumber(3)],
    [{ $indexOfArray: [['$double'], '$long'] }, 0],
    [{ $sortArray: { input: [Long.MAX_VALUE, '$double', 3], sortBy: 1 } }, [3, new Double(7), Long.MAX_VALUE]],
    [{ $maxN: { n: Long.ONE, input: ['$int', Long.MAX_VALUE] } }, [Long.MAX_VALUE]],
    [{ $binarySize: 'é' }, 2],
  ])('%j keeps the width of its numbers', (expression, result) => {
    const document = { int: 7, long: Long.fromNumber(7), double: new Double(7), decimal: decimalOf('7.50') };
    const found = evaluate(expression, document);
    expect(encode({ found })).toEqual(encode({ found: result }));
  });
});
