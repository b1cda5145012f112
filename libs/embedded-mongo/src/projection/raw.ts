import { numberOf, type Document } from '../bson/document.js';
import { sizeOf } from '../bson/element-size.js';

/** Applies a projection to a document's BSON. */
export type RawProjection = (bytes: Buffer) => Buffer;

/**
 * A projection of fields at the top, all of them in or all of them out, needs no decoding: the bytes of the fields are
 * copied. Undefined for every other projection, also for one that is wrong.
 */
export function rawProjection(source: Document): RawProjection | undefined {
  const flags = Object.entries(source).map(([path, value]) => ({ path, flag: flagOf(value) }));
  if (flags.length === 0 || flags.some(({ path, flag }) => flag === undefined || !isPlainName(path))) return undefined;
  const others = flags.filter(({ path }) => path !== '_id');
  const inclusive = others[0]?.flag ?? flags[0]?.flag === true;
  if (others.some(({ flag }) => flag !== inclusive)) return undefined;
  const idFlag = flags.find(({ path }) => path === '_id')?.flag ?? true;
  const listed = new Names(others.map(({ path }) => path));
  if (idFlag === inclusive) listed.add('_id');
  return (bytes) => copyFields(bytes, (start, end) => listed.has(bytes, start, end) === inclusive);
}

function flagOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const number = numberOf(value);
  return number === undefined ? undefined : number !== 0;
}

const isPlainName = (path: string): boolean => path !== '' && !path.includes('.') && !path.startsWith('$');

/** Names as bytes, by their length: most of a document's fields need no look at their names' letters. */
class Names {
  private readonly byLength = new Map<number, Buffer[]>();

  constructor(names: string[]) {
    names.forEach((name) => this.add(name));
  }

  add(name: string): void {
    const bytes = Buffer.from(name, 'utf8');
    this.byLength.set(bytes.length, [...(this.byLength.get(bytes.length) ?? []), bytes]);
  }

  has(bytes: Buffer, start: number, end: number): boolean {
    const names = this.byLength.get(end - start);
    return names !== undefined && names.some((name) => isAt(bytes, start, name));
  }
}

/** For so few bytes faster than a call out of JavaScript. */
function isAt(bytes: Buffer, start: number, name: Buffer): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}

function copyFields(bytes: Buffer, keeps: (nameStart: number, nameEnd: number) => boolean): Buffer {
  const copy = Buffer.allocUnsafe(bytes.length);
  let [start, length] = [4, 4];
  const copyUpTo = (end: number): void => {
    length += bytes.copy(copy, length, start, end);
  };
  for (let at = 4; bytes[at] !== 0;) {
    const nameEnd = endOfName(bytes, at + 1);
    const next = nameEnd + 1 + sizeOf(bytes, bytes[at] ?? 0, nameEnd + 1);
    if (!keeps(at + 1, nameEnd)) {
      copyUpTo(at);
      start = next;
    }
    at = next;
  }
  copyUpTo(bytes.length - 1);
  copy[length] = 0;
  copy.writeInt32LE(length + 1);
  return copy.subarray(0, length + 1);
}

function endOfName(bytes: Buffer, start: number): number {
  let end = start;
  while (bytes[end] !== 0) end++;
  return end;
}
