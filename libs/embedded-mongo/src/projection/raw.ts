import { numberOf, type Document } from '../bson/document.js';

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

/** Bytes of a value by its BSON type; -1: text, -2: what begins with its own length, -3: binary. */
const SIZES = new Map<number, number>([
  [0x01, 8],
  [0x02, -1],
  [0x03, -2],
  [0x04, -2],
  [0x05, -3],
  [0x06, 0],
  [0x07, 12],
  [0x08, 1],
  [0x09, 8],
  [0x0a, 0],
  [0x0d, -1],
  [0x0e, -1],
  [0x0f, -2],
  [0x10, 4],
  [0x11, 8],
  [0x12, 8],
  [0x13, 16],
  [0x7f, 0],
  [0xff, 0],
]);

function sizeOf(bytes: Buffer, type: number, at: number): number {
  const size = SIZES.get(type);
  if (size === undefined) return sizeOfRare(bytes, type, at);
  if (size >= 0) return size;
  const length = bytes.readInt32LE(at);
  return size === -1 ? 4 + length : size === -2 ? length : 5 + length;
}

/** Patterns are two texts that end in 0; the old pointer is a text and an id. */
function sizeOfRare(bytes: Buffer, type: number, at: number): number {
  if (type === 0x0b) return bytes.indexOf(0, bytes.indexOf(0, at) + 1) + 1 - at;
  if (type === 0x0c) return 4 + bytes.readInt32LE(at) + 12;
  throw new Error(`BSON type ${type} is unknown`);
}
