import { EJSON, type Document } from 'bson';
import type { Db } from 'mongodb';

/** The answer of a server to a command, with what must be the same everywhere. */
export type Answer = Document;

export async function ask(database: Db, command: Document): Promise<Answer> {
  try {
    return essence(await database.command(command, { promoteValues: false }));
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : String(error);
    return { failed: code, message: error instanceof Error ? error.message : '' };
  }
}

/** Results without session times and cursor names, write errors without their text. */
function essence(reply: Document): Answer {
  const { cursor, value, values, n, nModified, upserted, lastErrorObject, writeErrors } = reply;
  const kept: Document = { cursor: cursor?.firstBatch, value, values, upserted };
  const counts = { n: numberOf(n), nModified: numberOf(nModified), lastErrorObject: withNumbers(lastErrorObject) };
  const errors: unknown = Array.isArray(writeErrors)
    ? writeErrors.map((each: Document) => ({ index: each.index, code: each.code }))
    : undefined;
  const present = Object.entries({ ...kept, ...counts, errors }).filter(([, part]) => part !== undefined);
  return Object.fromEntries(present);
}

/** In what width a server counts is its own affair. */
const numberOf = (count: unknown): number | undefined => (count === undefined ? undefined : Number(count));

const withNumbers = (found: Document | undefined): Document | undefined =>
  found && { ...found, ...('n' in found && { n: Number(found.n) }) };

/** As text that is equal where answers are, in the types of their numbers, too. */
export function textOf(answer: Answer): string {
  const { message: _message, ...rest } = answer;
  return EJSON.stringify(inNameOrder(rest), { relaxed: false });
}

export async function contents(database: Db, name: string): Promise<string> {
  const documents = await database.collection(name).find({}, { promoteValues: false }).sort({ _id: 1 }).toArray();
  return EJSON.stringify(documents.map(inNameOrder), { relaxed: false });
}

/**
 * New fields come in order of their names in MongoDB, in order of the operators in FerretDB. With how many zeros a decimal
 * is written is left out, and the sign of zero.
 */
function inNameOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inNameOrder);
  if (isDecimal(value)) return withoutZeros(String(value));
  if (bsonType(value) === 'Double' && Number(value) === 0) return { double: 0 };
  if (typeof value !== 'object' || value === null || value instanceof Date || '_bsontype' in value) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([name, part]) => [name, name === 'set' ? inAnyOrder(part) : inNameOrder(part)]),
  );
}

/** `set` is what `$addToSet` collects, in no order that is promised. */
function inAnyOrder(list: unknown): unknown {
  const text = (value: unknown): string => EJSON.stringify({ value }, { relaxed: false });
  return Array.isArray(list) ? list.map(inNameOrder).toSorted((a, b) => (text(a) < text(b) ? -1 : 1)) : list;
}

/** The driver's classes are others than those of this module's `bson`. */
const bsonType = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && '_bsontype' in value ? value._bsontype : undefined;

const isDecimal = (value: unknown): boolean => bsonType(value) === 'Decimal128';

function withoutZeros(decimal: string): Document {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)\.?(\d*)(?:E([+-]?\d+))?$/.exec(decimal) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const short = digits.replace(/0+$/, '');
  const exponent = Number(power) - fraction.length + digits.length - short.length;
  return { decimal: whole === '' ? decimal : short === '' ? '0' : `${sign}${short}E${exponent}` };
}

interface Difference {
  readonly reason: string;
  /** The documents differ afterwards, too. */
  readonly diverges?: boolean;
  readonly applies: (comparison: Comparison) => boolean;
}

/** What FerretDB answers in another way than MongoDB's documentation has it, each with how it is recognised. */
const DIFFERENCES: readonly Difference[] = [
  {
    reason: 'FerretDB counts all documents from statistics',
    applies: ({ command }) => 'count' in command && Object.keys(command.query).length === 0,
  },
  {
    reason: '$count of nothing: FerretDB gives 0, MongoDB no document',
    applies: ({ command, embedded, given }) =>
      isEmpty(embedded.cursor) && uses(command, '$count') && byValue(given) === '{"cursor":[{"n":0}]}',
  },
  {
    reason: '$count of nothing inside $facet: the same',
    applies: ({ command, given }) => uses(command, '$facet') && byValue(given).includes('"all":[{"n":0}]'),
  },
  {
    reason: 'a findAndModify that changes nothing: to FerretDB it found nothing, MongoDB says what it found',
    applies: ({ command, embedded, given }) =>
      'findAndModify' in command &&
      embedded.lastErrorObject?.updatedExisting === true &&
      given.lastErrorObject?.updatedExisting === false &&
      textOf({ value: embedded.value }) === textOf({ value: given.value }),
  },
  {
    reason: 'a $rename of what is not there: FerretDB still makes the document that it would have gone into',
    applies: ({ command, embedded, given }) =>
      'findAndModify' in command &&
      renames(command) &&
      withoutEmptyFields(textOf(embedded)) === withoutEmptyFields(textOf(given)),
  },
  {
    reason: 'an update that changes nothing: FerretDB counts some as a change',
    applies: ({ embedded, given }) =>
      Number(embedded.nModified) < Number(given.nModified) &&
      textOf({ ...embedded, nModified: 0 }) === textOf({ ...given, nModified: 0 }),
  },
  {
    reason: '$unset below an array without an index: FerretDB refuses it, to MongoDB there is nothing to unset',
    diverges: true,
    applies: ({ command, given }) => uses(command, '$unset') && errorCodes(given).includes(28),
  },
  {
    reason: '$inc and $mul of a boolean: FerretDB takes it for a number, MongoDB refuses it',
    diverges: true,
    applies: ({ command, embedded }) =>
      (uses(command, '$inc') || uses(command, '$mul')) && errorCodes(embedded).includes(14),
  },
  {
    reason: '$expr with a constant: FerretDB leaves out values of other types, MongoDB compares across types',
    diverges: true,
    applies: ({ command, embedded, given }) => uses(command, '$expr') && findsLess(given, embedded),
  },
  {
    reason: 'a whole document in an $or: FerretDB takes it for an $in, where it tells the types of its numbers apart',
    diverges: true,
    applies: ({ command, embedded, given }) => asksForDocumentInOr(command) && findsLess(given, embedded),
  },
  {
    reason: '$in of a pattern and a value beside $exists, by an index: FerretDB finds what the pattern matches only',
    diverges: true,
    applies: ({ command, embedded, given }) =>
      uses(command, '$exists') && hasPatternInList(command) && findsLess(given, embedded),
  },
  {
    reason: 'an empty array beside null in a sort: equal to FerretDB, lower to MongoDB',
    applies: ({ command, embedded, given }) => sortsByArray(command) && sameSet(embedded.cursor, given.cursor),
  },
  {
    reason: 'distinct by an equality in an index and by bits of the same field: FerretDB does not look at the bits',
    applies: ({ command, embedded, given }) =>
      'distinct' in command && usesBits(command) && isPartOf(embedded.values, given.values),
  },
  {
    reason: 'distinct: of numbers that are equal any may stand for all of them',
    applies: ({ command, embedded, given }) => 'distinct' in command && byValue(embedded) === byValue(given),
  },
  {
    reason:
      'groups: of equal numbers any may stand for all; FerretDB pushes in no order; some keys are equal in a sort',
    applies: ({ command, embedded, given }) =>
      (uses(command, '$group') || uses(command, '$sortByCount')) &&
      textOf({ list: comparableGroups(command, embedded) }) === textOf({ list: comparableGroups(command, given) }),
  },
  {
    reason: 'elements that are equal, of different types, in a sort after $unwind: either may come first',
    applies: ({ command, embedded, given }) => uses(command, '$unwind') && sameSet(embedded.cursor, given.cursor),
  },
  {
    reason: '$mod of a double by an int64: FerretDB gives an int64, MongoDB a double',
    applies: ({ command, embedded, given }) =>
      'aggregate' in command && uses(command, '$mod') && byValue(embedded) === byValue(given),
  },
  {
    reason: '$avg of decimals: a double to FerretDB, a decimal to MongoDB',
    applies: ({ command, embedded, given }) =>
      uses(command, '$avg') && hasDecimal(embedded) && byValue(embedded) === byValue(given),
  },
  {
    reason: '$pop from what is no array: refused by both, as a bad value by FerretDB, as a type by MongoDB',
    applies: ({ command, embedded, given }) =>
      !isMulti(command) && uses(command, '$pop') && errorCodes(embedded).includes(14) && errorCodes(given).includes(2),
  },
  {
    reason: 'a pipeline of an upsert that fails: refused by both, by FerretDB with a number of PostgreSQL',
    applies: ({ command, embedded, given }) =>
      uses(command, 'upsert') &&
      errorCodes(embedded).length === 1 &&
      errorCodes(given).some((code) => Number(code) > 1e8),
  },
  {
    reason: 'an upsert by findAndModify of a key that is another’s: to FerretDB a failure of PostgreSQL',
    applies: ({ command, embedded, given }) =>
      'findAndModify' in command &&
      errorCodes(embedded).includes(11000) &&
      /violates (?:exclusion|unique) constraint/.test(String(given.message)),
  },
  {
    reason: '$unwind with the index of an element below its own path: only FerretDB refuses it',
    applies: ({ command, given }) => uses(command, 'includeArrayIndex') && errorCodes(given).includes(31249),
  },
  {
    reason: 'a pipeline that fails on several documents: which of them is met first is not promised',
    applies: ({ command, embedded, given }) =>
      'aggregate' in command && embedded.failed !== undefined && given.failed !== undefined,
  },
  {
    reason: 'an update at odds with itself: FerretDB only notices when a document matches',
    applies: ({ embedded, given }) => errorCodes(embedded).includes(40) && given.n === 0,
  },
  {
    reason: 'a statement on many documents that fails: FerretDB takes it back, MongoDB keeps what it changed before',
    diverges: true,
    applies: ({ command, embedded, given }) =>
      isMulti(command) && errorCodes(embedded).length > 0 && errorCodes(given).length > 0,
  },
];

export interface Comparison {
  readonly command: Document;
  readonly embedded: Answer;
  readonly given: Answer;
}

/** Why two servers may answer a command differently, or undefined when they must not. */
export const explanation = (comparison: Comparison): Difference | undefined =>
  DIFFERENCES.find(({ applies }) => applies(comparison));

function errorCodes({ failed, errors }: Answer): unknown[] {
  const listed: unknown[] = Array.isArray(errors) ? errors.map((each: Document) => Number(each.code)) : [];
  return failed === undefined ? listed : [...listed, Number(failed)];
}

/** To FerretDB a `$rename` of what is not there still makes the document that it would have gone into. */
export const renames = (command: Document): boolean => uses(command, '$rename');
export const withoutEmptyFields = (contentsText: string): string => contentsText.replaceAll(/,"\w+":\{\}/g, '');
const uses = (command: Document, name: string): boolean => EJSON.stringify(command).includes(`"${name}":`);
/** As text that is equal where numbers are, whatever their types. */
const byValue = (answer: unknown): string => EJSON.stringify(inNameOrder(numbersOf(answer)), { relaxed: true });

function numbersOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(numbersOf);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (!('_bsontype' in value)) {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, numbersOf(part)]));
  }
  return ['Int32', 'Double', 'Long', 'Decimal128'].includes(String(value._bsontype)) ? Number(String(value)) : value;
}

/**
 * `_id`, `$min` and `$max` by value; what `$push` collects (MongoDB: in the order of the documents) in any order; the
 * groups in any order when some keys are arrays, of which two with the same lowest element are equal in a sort.
 */
function comparableGroups(command: Document, { cursor }: Answer): unknown {
  if (!Array.isArray(cursor)) return cursor;
  const pushes = uses(command, '$push');
  const groups = cursor.map(({ _id, low, high, list, ...rest }: Document) => {
    return { ...rest, list: pushes ? inAnyOrder(list) : list, tied: numbersOf([_id, low, high]) };
  });
  return cursor.some(({ _id }: Document) => Array.isArray(_id)) ? inAnyOrder(groups) : groups;
}

const hasDecimal = (value: unknown): boolean =>
  isDecimal(value) || (typeof value === 'object' && value !== null && Object.values(value).some(hasDecimal));

const isEmpty = (list: unknown): boolean => Array.isArray(list) && list.length === 0;
const isMulti = ({ updates }: Document): boolean =>
  Array.isArray(updates) && updates.some((each) => each.multi === true);
const sortsByArray = ({ sort }: Document): boolean =>
  Object.keys(sort ?? {}).some((path) => ['nums', 'tags', 'lines.quantity'].includes(path));

const usesBits = (command: Document): boolean =>
  ['$bitsAllSet', '$bitsAnySet', '$bitsAllClear', '$bitsAnyClear'].some((operator) => uses(command, operator));

/** An `$or` with a field that is to be equal to a document. */
function asksForDocumentInOr(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const alternatives: unknown[] = '$or' in value && Array.isArray(value.$or) ? value.$or : [];
  return (
    alternatives.some((each) => Object.values(each ?? {}).some(isWholeDocument)) ||
    Object.values(value).some(asksForDocumentInOr)
  );
}

/** An `$in` with a regular expression. */
function hasPatternInList(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const list: unknown[] = '$in' in value && Array.isArray(value.$in) ? value.$in : [];
  return list.some((item) => bsonType(item) === 'BSONRegExp') || Object.values(value).some(hasPatternInList);
}

const isWholeDocument = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.getPrototypeOf(value) === Object.prototype &&
  Object.keys(value).every((name) => !name.startsWith('$'));

const findsLess = (some: Answer, all: Answer): boolean =>
  isPartOf(some.cursor, all.cursor) || isPartOf(some.values, all.values) || Number(all.n) > Number(some.n);

/** Every document of one result is in the other, too. */
function isPartOf(part: unknown, whole: unknown): boolean {
  if (!Array.isArray(part) || !Array.isArray(whole)) return false;
  const texts = new Set(whole.map((item) => EJSON.stringify(inNameOrder(item), { relaxed: false })));
  return part.every((item) => texts.has(EJSON.stringify(inNameOrder(item), { relaxed: false })));
}

function sameSet(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return false;
  const texts = (list: unknown[]) =>
    list.map((item) => EJSON.stringify(inNameOrder(item), { relaxed: false })).toSorted();
  return EJSON.stringify(texts(a)) === EJSON.stringify(texts(b));
}
