import { BSONRegExp, ObjectId } from 'bson';
import { compilePattern, isDate, isDocument, numberOf } from '../bson/document.js';
import { isNumeric } from '../bson/number.js';
import { MongoError } from '../errors.js';
import { evalExpr } from 'mingo/core';
import { real, Width, widthOf } from './numeric.js';
import { isNullish, namedOperator, nameOf, operator, unlessNull, untilNull, type Operator } from './operator.js';

function text(value: unknown, code: number, message: string): string {
  if (typeof value === 'string') return value;
  throw new MongoError(code, `${message}, not ${nameOf(value)}`);
}

/** What `$toUpper`, `$substr` and their like take for text: null is empty, numbers and dates are written out. */
function coerced(value: unknown): string {
  if (isNullish(value)) return '';
  if (typeof value === 'string') return value;
  if (isDate(value)) return value.toISOString();
  if (isNumeric(value)) return numberText(value);
  throw new MongoError(16007, `can't convert from BSON type ${nameOf(value)} to String`);
}

/** Integers and decimals with all their digits, doubles with 16, as printf's %g writes them. */
function numberText(value: unknown): string {
  if (widthOf(value) !== Width.double) return String(value);
  const number = real(value);
  if (!Number.isFinite(number) || Object.is(number, -0)) return Object.is(number, -0) ? '-0' : String(number);
  const written = number.toExponential(15);
  const power = Number(written.slice(written.indexOf('e') + 1));
  const isShort = power >= -4 && power < 16;
  const digits = isShort ? number.toFixed(15 - power) : written.slice(0, written.indexOf('e'));
  const shortest = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
  return isShort ? shortest : `${shortest}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function concatenate(values: unknown[]): unknown {
  const parts = untilNull(values, (value) => text(value, 16702, '$concat only supports strings'));
  return parts === null ? null : parts.join('');
}

function split(value: unknown, separator: unknown): string[] {
  const source = text(value, 40085, '$split requires an expression that evaluates to a string as a first argument');
  const by = text(separator, 40086, '$split requires an expression that evaluates to a string as a second argument');
  if (by === '') throw new MongoError(40087, '$split requires a non-empty separator');
  return source.split(by);
}

function caseOrder([a, b]: unknown[]): number {
  const [x, y] = [coerced(a).toUpperCase(), coerced(b).toUpperCase()];
  return x < y ? -1 : x > y ? 1 : 0;
}

function whole(value: unknown, name: string): number {
  const number = numberOf(value);
  if (number === undefined) throw new MongoError(34450, `${name}: positions must be numbers, not ${nameOf(value)}`);
  return Math.trunc(number);
}

function integral(value: unknown, code: number): number {
  const number = numberOf(value);
  if (number !== undefined && !Number.isInteger(number)) {
    throw new MongoError(code, `$substrCP: positions must be 32-bit integers, not ${number}`);
  }
  return whole(value, '$substrCP');
}

function codePoints([value, from, count]: unknown[]): string {
  const [start, length] = [integral(from, 34451), integral(count, 34453)];
  if (start < 0) throw new MongoError(34455, '$substrCP: the starting index must be a non-negative integer');
  if (length < 0) throw new MongoError(34454, '$substrCP: length must be a nonnegative integer');
  return [...coerced(value)].slice(start, start + length).join('');
}

function bytes([value, from, count]: unknown[]): string {
  const [start, length] = [whole(from, '$substrBytes'), whole(count, '$substrBytes')];
  if (start < 0) throw new MongoError(50752, '$substrBytes: the starting index must be non-negative');
  const source = Buffer.from(coerced(value), 'utf8');
  const end = length < 0 ? source.length : Math.min(source.length, start + length);
  const isInside = (at: number) => ((source[at] ?? 0) & 0xc0) === 0x80;
  if (isInside(start) || isInside(end)) {
    throw new MongoError(28656, '$substrBytes: Invalid range, a UTF-8 character would be cut');
  }
  return source.toString('utf8', start, end);
}

interface Units {
  indexOf(part: string, from: number): number;
  length: number;
}

/** Where one text begins in another, in the units that `unitsOf` cuts it into. */
function position(name: string, unitsOf: (source: string) => Units) {
  return operator(name, [2, 4], ([source, part, start, end]) => {
    if (isNullish(source)) return null;
    const units = unitsOf(text(source, 40091, `${name} requires a string as the first argument`));
    const wanted = text(part, 40092, `${name} requires a string as the second argument`);
    const from = isNullish(start) ? 0 : whole(start, name);
    const to = isNullish(end) ? units.length : whole(end, name);
    const found = from > units.length ? -1 : units.indexOf(wanted, from);
    return found < Math.max(to, from + 1) ? found : -1;
  });
}

const inCodePoints = (source: string) => ({
  length: [...source].length,
  indexOf: (part: string, from: number) => {
    const at = source.indexOf(part, Array.from(source).slice(0, from).join('').length);
    return at < 0 ? -1 : Array.from(source.slice(0, at)).length;
  },
});

const inBytes = (source: string) => {
  const buffer = Buffer.from(source, 'utf8');
  return { length: buffer.length, indexOf: (part: string, from: number) => buffer.indexOf(part, from, 'utf8') };
};

interface PatternMatch {
  match: string;
  /** In code points. */
  idx: number;
  captures: (string | null)[];
}

function* matchesOf(pattern: RegExp, input: string): Generator<PatternMatch> {
  for (const found of input.matchAll(new RegExp(pattern, `${pattern.flags}g`))) {
    // MongoDB looks no further at the end of a text.
    if (found.index === input.length && input !== '') return;
    const captures = found.slice(1).map((each: string | undefined) => each ?? null);
    yield { match: found[0], idx: Array.from(input.slice(0, found.index)).length, captures };
  }
}

/** A pattern search in text; `answer` makes of its matches what the operator gives. */
function search(name: string, answer: (matches: Generator<PatternMatch>) => unknown): Operator {
  return (document, operand, options) => {
    const given: unknown = evalExpr(document, operand, options);
    if (!isDocument(given)) throw new MongoError(51103, `${name} expects an object of named arguments`);
    const { input, regex } = given;
    if (!isNullish(input)) text(input, 51104, `${name} needs 'input' to be of type string`);
    if (isNullish(regex)) return answer(matchesOf(/(?!)/, ''));
    const pattern = patternOf(name, regex, given.options);
    return answer(matchesOf(isNullish(input) ? /(?!)/ : pattern, String(input)));
  };
}

function patternOf(name: string, regex: unknown, flags: unknown): RegExp {
  const own = regex instanceof BSONRegExp ? regex.options : '';
  const options = isNullish(flags) ? own : text(flags, 51106, `${name} needs 'options' to be of type string`);
  if (own !== '' && !isNullish(flags))
    throw new MongoError(51107, `${name}: options are in both 'regex' and 'options'`);
  const unknown = [...options].find((flag) => !'imsxu'.includes(flag));
  if (unknown !== undefined) throw new MongoError(51108, `${name}: invalid flag in regex options: ${unknown}`);
  const source = regex instanceof BSONRegExp ? regex.pattern : regex;
  const pattern = compilePattern(text(source, 51105, `${name} needs 'regex' to be of type string or regex`), options);
  if (pattern === undefined) throw new MongoError(51111, `Invalid Regex in ${name}: ${String(source)}`);
  return pattern;
}

/** What counts as white space. */
const BLANKS = '\0\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a';

const trimming = (name: string, sides: { start: boolean; end: boolean }): Operator =>
  namedOperator(name, (given) => {
    if (isNullish(given.input)) return null;
    const points = [...text(given.input, 50699, `${name} requires its input to be a string`)];
    if ('chars' in given && isNullish(given.chars)) return null;
    const chars = new Set(text(given.chars ?? BLANKS, 50700, `${name} requires 'chars' to be a string`));
    const stays = (point: string) => !chars.has(point);
    const [first, last] = [points.findIndex(stays), points.findLastIndex(stays)];
    if (first < 0) return '';
    return points.slice(sides.start ? first : 0, sides.end ? last + 1 : points.length).join('');
  });

type Replace = (input: string, find: string, replacement: string) => string;

const replacing = (name: string, replace: Replace): Operator =>
  namedOperator(name, ({ input, find, replacement }) => {
    const [source, wanted, by] = [
      textOrNull(input, 51746, `${name} requires that 'input' be a string`),
      textOrNull(find, 51745, `${name} requires that 'find' be a string`),
      textOrNull(replacement, 51744, `${name} requires that 'replacement' be a string`),
    ];
    return source === null || wanted === null || by === null ? null : replace(source, wanted, by);
  });

const textOrNull = (value: unknown, code: number, message: string): string | null =>
  isNullish(value) ? null : text(value, code, message);

const upperOf = operator('$toUpper', [1, 1], ([value]) => coerced(value).toUpperCase());
const lowerOf = operator('$toLower', [1, 1], ([value]) => coerced(value).toLowerCase());

/** `$toString`, and what `$convert` writes. */
export function written(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  if (value instanceof ObjectId) return value.toHexString();
  return isDate(value) || isNumeric(value) ? coerced(value) : undefined;
}

export const stringOperators = {
  $concat: operator('$concat', [0, Infinity], concatenate),
  $trim: trimming('$trim', { start: true, end: true }),
  $ltrim: trimming('$ltrim', { start: true, end: false }),
  $rtrim: trimming('$rtrim', { start: false, end: true }),
  $replaceOne: replacing('$replaceOne', (input, find, by) => input.replace(find, () => by)),
  $replaceAll: replacing('$replaceAll', (input, find, by) => input.replaceAll(find, () => by)),
  $strLenCP: operator('$strLenCP', [1, 1], ([value]) => [...text(value, 34471, '$strLenCP requires a string')].length),
  $strLenBytes: operator('$strLenBytes', [1, 1], ([value]) =>
    Buffer.byteLength(text(value, 34473, '$strLenBytes requires a string')),
  ),
  $split: operator('$split', [2, 2], unlessNull(split)),
  $strcasecmp: operator('$strcasecmp', [2, 2], caseOrder),
  $toUpper: upperOf,
  $toLower: lowerOf,
  $substrCP: operator('$substrCP', [3, 3], codePoints),
  $substrBytes: operator('$substrBytes', [3, 3], bytes),
  $substr: operator('$substr', [3, 3], bytes),
  $indexOfCP: position('$indexOfCP', inCodePoints),
  $indexOfBytes: position('$indexOfBytes', inBytes),
  $regexMatch: search('$regexMatch', (matches) => matches.next().done !== true),
  $regexFind: search('$regexFind', (matches) => matches.next().value ?? null),
  $regexFindAll: search('$regexFindAll', (matches) => [...matches]),
};
