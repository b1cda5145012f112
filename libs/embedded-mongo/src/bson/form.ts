import { isUtf8 } from 'node:buffer';

/**
 * What the bytes of a document that came over the wire are:
 * - `stored`: what this server would write for it itself, so that it can be kept as it came;
 * - `sound`: `decodeStored` reads it as `decode` does;
 * - `other`: broken, or with values of rare types: `decode` knows what to do.
 */
export type Form = 'stored' | 'sound' | 'other';

export function formOf(bytes: Buffer): Form {
  const look = new Look(bytes);
  if (!look.document(bytes.length, false) || look.end !== bytes.length) return 'other';
  return look.isPlain ? 'stored' : 'sound';
}

const SIZES = new Map([
  [0x01, 8],
  [0x07, 12],
  [0x0a, 0],
  [0x10, 4],
  [0x12, 8],
]);
const NOT_FIXED = -1;
/** Of the types whose values are any bytes of this number. */
const SIZE_OF_TYPE = Int8Array.from({ length: 256 }, (_, type) => SIZES.get(type) ?? NOT_FIXED);
/** The upper half of the first and the last moment that a Date can hold. */
const MAX_TIME = Math.floor(8.64e15 / 2 ** 32);
/** Documents with more names are not looked through for a name that comes twice. */
const MANY_NAMES = 64;
/** Longer texts are checked sooner by one call. */
const SHORT_TEXT = 64;
const [ZERO, NINE, DOLLAR] = [0x30, 0x39, 0x24];
const REFERENCE = Buffer.from('$ref\0');

/** One walk over all bytes. */
class Look {
  /** Of what was looked at. */
  end = 0;
  /** No name comes twice in a document, or is one that an object puts elsewhere (a number); elements are numbered. */
  isPlain = true;

  constructor(private readonly bytes: Buffer) {}

  /** Whether a document lies here, within the limit. */
  document(limit: number, isArray: boolean): boolean {
    const { bytes } = this;
    const start = this.end;
    const end = start + (limit - start < 5 ? 0 : bytes.readInt32LE(start));
    if (end < start + 5 || end > limit) return false;
    this.end = start + 4;
    const hashes: number[] = [];
    for (let i = 0; this.end < end; i++) {
      const type = bytes[this.end++] ?? 0;
      if (type === 0) return this.end === end;
      if (!(isArray ? this.number(i, end) : this.name(hashes, end)) || !this.value(type, end)) return false;
    }
    return false;
  }

  /** Two names with one hash are taken for the same. */
  private name(hashes: number[], limit: number): boolean {
    const { bytes } = this;
    const start = this.end;
    const first = bytes[start] ?? 0;
    let [at, hash, all] = [start, 0, 0];
    for (let byte = first; byte !== 0; byte = bytes[++at] ?? 0) {
      hash = (hash * 31 + byte) | 0;
      all |= byte;
    }
    this.end = at + 1;
    // The driver's decoder makes something of its own of a reference.
    if (at >= limit || (first === DOLLAR && REFERENCE.compare(bytes, start, this.end) === 0)) return false;
    if ((first >= ZERO && first <= NINE) || hashes.length > MANY_NAMES || hashes.includes(hash)) this.isPlain = false;
    else hashes.push(hash);
    return all < 0x80 || isUtf8(bytes.subarray(start, at));
  }

  /** The name of an element, which is its number; a decoder does not look at it. */
  private number(i: number, limit: number): boolean {
    const { bytes } = this;
    const start = this.end;
    const end = i < 10 && bytes[start + 1] === 0 ? start + 1 : bytes.indexOf(0, start);
    if (end < 0 || end >= limit) return false;
    const isRight =
      i < 10 && end === start + 1 ? bytes[start] === ZERO + i : bytes.toString('latin1', start, end) === `${i}`;
    if (!isRight) this.isPlain = false;
    this.end = end + 1;
    return true;
  }

  private value(type: number, limit: number): boolean {
    const size = SIZE_OF_TYPE[type] ?? NOT_FIXED;
    if (size !== NOT_FIXED) return (this.end += size) < limit;
    switch (type) {
      case 0x02:
        return this.text(limit);
      case 0x03:
        return this.document(limit, false);
      case 0x04:
        return this.document(limit, true);
      case 0x08:
        return (this.bytes[this.end++] ?? 2) < 2;
      case 0x09:
        return this.time(limit);
      default:
        return false;
    }
  }

  private text(limit: number): boolean {
    const { bytes } = this;
    const start = this.end + 4;
    const length = start < limit ? bytes.readInt32LE(start - 4) : 0;
    const end = start + length;
    if (length < 1 || end >= limit || bytes[end - 1] !== 0) return false;
    this.end = end;
    if (length > SHORT_TEXT) return isUtf8(bytes.subarray(start, end - 1));
    let all = 0;
    for (let at = start; at < end; at++) all |= bytes[at] ?? 0;
    return all < 0x80 || isUtf8(bytes.subarray(start, end - 1));
  }

  private time(limit: number): boolean {
    this.end += 8;
    if (this.end >= limit) return false;
    return Math.abs(this.bytes.readInt32LE(this.end - 4)) < MAX_TIME;
  }
}
