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
  const listed = new Set(others.map(({ path }) => bytesOf(path)));
  const idFlag = flags.find(({ path }) => path === '_id')?.flag ?? true;
  return (bytes) => copyFields(bytes, (name) => (name === '_id' ? idFlag : listed.has(name) === inclusive));
}

function flagOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const number = numberOf(value);
  return number === undefined ? undefined : number !== 0;
}

const isPlainName = (path: string): boolean => path !== '' && !path.includes('.') && !path.startsWith('$');

/** Names are compared as bytes, one character for each. */
const bytesOf = (name: string): string => Buffer.from(name, 'utf8').toString('latin1');

function copyFields(bytes: Buffer, keeps: (name: string) => boolean): Buffer {
  const parts: Buffer[] = [];
  let [start, length] = [4, 5];
  const copyUpTo = (end: number): void => {
    if (end === start) return;
    parts.push(bytes.subarray(start, end));
    length += end - start;
  };
  for (let at = 4; bytes[at] !== 0;) {
    const nameEnd = bytes.indexOf(0, at + 1);
    const next = nameEnd + 1 + sizeOf(bytes, bytes[at] ?? 0, nameEnd + 1);
    if (!keeps(bytes.toString('latin1', at + 1, nameEnd))) {
      copyUpTo(at);
      start = next;
    }
    at = next;
  }
  copyUpTo(bytes.length - 1);
  const header = Buffer.allocUnsafe(4);
  header.writeInt32LE(length);
  return Buffer.concat([header, ...parts, END], length);
}

const END = Buffer.from([0]);
