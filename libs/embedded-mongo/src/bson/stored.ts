import { BSON, Double, Int32, Long, ObjectId } from 'bson';
import { setField, type Document } from './document.js';
import { double } from './number.js';
import { sizeOf } from './element-size.js';

/** Names of fields at the top of a document; all when there are none. */
export type TopFields = ReadonlySet<string> | undefined;

/**
 * Fields that are wanted: each as a whole (true), or of the document that it is, or the documents in the array that it is,
 * these fields. An array in an array is wanted as a whole.
 */
export type Parts = ReadonlyMap<string, Parts | true>;

/**
 * Decodes what this server encoded: it is not checked again. Numbers are BSON's, as in `decode`. With `fields` the others
 * at the top are left out.
 */
export function decodeStored(bytes: Buffer, fields?: TopFields): Document {
  return new Reader(bytes, false).top(fields);
}

/** With numbers as expressions hold them: `plainDocument(decode(bytes))`, or parts of it. */
export function decodeStoredPlain(bytes: Buffer, parts?: Parts): Document {
  const reader = new Reader(bytes, true);
  return parts ? reader.parts(parts) : reader.document();
}

/** Names come again in every document: the same text is used for all of them. */
const NAMES = Array.from({ length: 1_024 }, () => '');
const MAX_CACHED_NAME = 40;
const MAX_SHORT_TEXT = 12;

const RARE_OPTIONS = { promoteValues: false, promoteBuffers: false, bsonRegExp: true } as const;
const RARE_HEADER = 4 + 1 + 2;

class Reader {
  private at = 4;

  constructor(
    private readonly bytes: Buffer,
    private readonly plain: boolean,
  ) {}

  top(fields: TopFields): Document {
    if (!fields) return this.document();
    const { bytes } = this;
    const result: Document = {};
    for (let type = bytes[this.at++]; type !== undefined && type !== 0; type = bytes[this.at++]) {
      const name = this.name();
      if (fields.has(name)) setField(result, name, this.value(type));
      else this.at += sizeOf(bytes, type, this.at);
    }
    return result;
  }

  parts(wanted: Parts): Document {
    const { bytes } = this;
    const result: Document = {};
    for (let type = bytes[this.at++]; type !== undefined && type !== 0; type = bytes[this.at++]) {
      const name = this.name();
      const part = wanted.get(name);
      if (part === undefined) this.at += sizeOf(bytes, type, this.at);
      else setField(result, name, part === true ? this.value(type) : this.partOf(type, part));
    }
    return result;
  }

  private partOf(type: number, wanted: Parts): unknown {
    if (type !== 0x03 && type !== 0x04) return this.value(type);
    this.at += 4;
    return type === 0x03 ? this.parts(wanted) : this.array(wanted);
  }

  document(): Document {
    const { bytes } = this;
    const result: Document = {};
    for (let type = bytes[this.at++]; type !== undefined && type !== 0; type = bytes[this.at++]) {
      const name = this.name();
      setField(result, name, this.value(type));
    }
    return result;
  }

  private array(wanted?: Parts): unknown[] {
    const { bytes } = this;
    const result: unknown[] = [];
    for (let type = bytes[this.at++]; type !== undefined && type !== 0; type = bytes[this.at++]) {
      while (bytes[this.at++] !== 0);
      result.push(wanted && type === 0x03 ? this.partOf(type, wanted) : this.value(type));
    }
    return result;
  }

  private name(): string {
    const { bytes, at: start } = this;
    let end = start;
    let hash = 0;
    for (let byte = bytes[end] ?? 0; byte !== 0; byte = bytes[++end] ?? 0) hash = (hash * 31 + byte) | 0;
    this.at = end + 1;
    const slot = hash & 1_023;
    const known = NAMES[slot] ?? '';
    if (known.length === end - start && this.isText(known, start)) return known;
    const name = bytes.toString('utf8', start, end);
    if (name.length === end - start && name.length <= MAX_CACHED_NAME) NAMES[slot] = name;
    return name;
  }

  /** ASCII only: a longer character never equals its bytes. */
  private isText(text: string, start: number): boolean {
    for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== this.bytes[start + i]) return false;
    return true;
  }

  private value(type: number): unknown {
    switch (type) {
      case 0x01:
        return this.double();
      case 0x02:
        return this.text();
      case 0x03:
        this.at += 4;
        return this.document();
      case 0x04:
        this.at += 4;
        return this.array();
      case 0x07:
        return this.objectId();
      case 0x08:
        return this.bytes[this.at++] === 1;
      case 0x09:
        return this.date();
      case 0x0a:
        return null;
      case 0x10:
        return this.plain ? this.int32() : new Int32(this.int32());
      case 0x12:
        return this.int64();
      default:
        return this.rare(type);
    }
  }

  private double(): unknown {
    const value = this.bytes.readDoubleLE(this.at);
    this.at += 8;
    return this.plain ? double(value) : new Double(value);
  }

  private int32(): number {
    const { bytes, at } = this;
    this.at = at + 4;
    return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  }

  private int64(): Long {
    const low = this.int32();
    return new Long(low, this.int32());
  }

  private date(): Date {
    const low = this.int32() >>> 0;
    return new Date(this.int32() * 2 ** 32 + low);
  }

  private text(): string {
    const length = this.int32() - 1;
    const start = this.at;
    this.at += length + 1;
    return (length <= MAX_SHORT_TEXT ? this.shortText(start, length) : undefined) ?? this.utf8(start, length);
  }

  private utf8(start: number, length: number): string {
    return this.bytes.toString('utf8', start, start + length);
  }

  private shortText(start: number, length: number): string | undefined {
    let text = '';
    for (let i = start; i < start + length; i++) {
      const byte = this.bytes[i] ?? 0;
      if (byte > 0x7f) return undefined;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  private objectId(): ObjectId {
    const id = Uint8Array.prototype.slice.call(this.bytes, this.at, this.at + 12);
    this.at += 12;
    return new ObjectId(id);
  }

  /** As the driver decodes it. */
  private rare(type: number): unknown {
    const size = sizeOf(this.bytes, type, this.at);
    const single = Buffer.alloc(RARE_HEADER + size + 1);
    single.writeInt32LE(single.length);
    single[4] = type;
    single[5] = 0x76;
    this.bytes.copy(single, RARE_HEADER, this.at, this.at + size);
    this.at += size;
    return BSON.deserialize(single, RARE_OPTIONS).v;
  }
}
