import { isDocument } from '../bson/document.js';
import { MongoError } from '../errors.js';

/** What an operator on named arguments asks for, and the codes of what it refuses. */
interface Named {
  /** Those that must be there, with the code when one is not. */
  required: Record<string, number>;
  optional: readonly string[];
  /** Code for an argument that it does not know. */
  unknown: number;
  /** Code for an operand that is no document; undefined where it may have another form. */
  form?: number;
}

const pattern: Named = { required: { input: 31022, regex: 31023 }, optional: ['options'], unknown: 31024, form: 51103 };
const trim: Named = { required: { input: 50695 }, optional: ['chars'], unknown: 50694, form: 50696 };
const replace: Named = {
  required: { input: 51749, find: 51748, replacement: 51747 },
  optional: [],
  unknown: 51750,
  form: 51751,
};
const shift: Named = {
  required: { startDate: 5166402, unit: 5166402, amount: 5166402 },
  optional: ['timezone'],
  unknown: 5166401,
  form: 5166400,
};
const some: Named = { required: { n: 5787906, input: 5787907 }, optional: [], unknown: 5787901, form: 5787900 };

const NAMED: Record<string, Named> = {
  $regexMatch: pattern,
  $regexFind: pattern,
  $regexFindAll: pattern,
  $trim: trim,
  $ltrim: trim,
  $rtrim: trim,
  $replaceOne: replace,
  $replaceAll: replace,
  $firstN: some,
  $lastN: some,
  $minN: some,
  $maxN: some,
  $filter: { required: { input: 28648, cond: 28650 }, optional: ['as', 'limit'], unknown: 28647, form: 28646 },
  $map: { required: { input: 16880, in: 16882 }, optional: ['as'], unknown: 16879, form: 16878 },
  $reduce: { required: { input: 40077, initialValue: 40078, in: 40079 }, optional: [], unknown: 40076, form: 40075 },
  $let: { required: { vars: 16876, in: 16877 }, optional: [], unknown: 16875, form: 16874 },
  // oxlint-disable-next-line unicorn/no-thenable -- its arguments are called so
  $cond: { required: { if: 17080, then: 17081, else: 17082 }, optional: [], unknown: 17083 },
  $switch: { required: { branches: 40068 }, optional: ['default'], unknown: 40067, form: 40060 },
  $zip: { required: { inputs: 34465 }, optional: ['useLongestLength', 'defaults'], unknown: 34464, form: 34460 },
  $convert: { required: { input: 9, to: 9 }, optional: ['onError', 'onNull'], unknown: 9, form: 9 },
  $setField: { required: { field: 4161102, input: 4161109, value: 4161103 }, optional: [], unknown: 4161101 },
  $unsetField: { required: { field: 4161102, input: 4161109 }, optional: [], unknown: 4161101 },
  $sortArray: { required: { input: 2942502, sortBy: 2942503 }, optional: [], unknown: 2942501, form: 2942500 },
  $dateAdd: shift,
  $dateSubtract: shift,
  $dateToString: {
    required: { date: 18628 },
    optional: ['format', 'timezone', 'onNull'],
    unknown: 18534,
    form: 18629,
  },
  $dateFromString: {
    required: { dateString: 40542 },
    optional: ['format', 'timezone', 'onError', 'onNull'],
    unknown: 40541,
    form: 40540,
  },
  $dateToParts: { required: { date: 40522 }, optional: ['timezone', 'iso8601'], unknown: 40520, form: 40524 },
  $dateFromParts: {
    required: {},
    optional: `year month day isoWeekYear isoWeek isoDayOfWeek hour minute second millisecond timezone`.split(' '),
    unknown: 40518,
    form: 40519,
  },
  $dateDiff: {
    required: { startDate: 5166303, endDate: 5166304, unit: 5166305 },
    optional: ['timezone', 'startOfWeek'],
    unknown: 5166302,
    form: 5166301,
  },
  $dateTrunc: {
    required: { date: 5439009, unit: 5439010 },
    optional: ['binSize', 'timezone', 'startOfWeek'],
    unknown: 5439008,
    form: 5439007,
  },
};

/** Throws for named arguments that an operator does not know or does not find. */
export function checkNamedArguments(operator: string, operand: unknown): void {
  const named = Object.hasOwn(NAMED, operator) ? NAMED[operator] : undefined;
  if (!named) return;
  if (!isDocument(operand)) {
    if (named.form === undefined) return;
    throw new MongoError(named.form, `${operator} only supports an object as its argument`);
  }
  const unknown = Object.keys(operand).find((name) => !(name in named.required) && !named.optional.includes(name));
  if (unknown !== undefined) {
    throw new MongoError(named.unknown, `${operator} found an unknown argument: ${unknown}`);
  }
  for (const [name, code] of Object.entries(named.required)) {
    if (!(name in operand)) throw new MongoError(code, `${operator} requires '${name}' to be specified`);
  }
}
