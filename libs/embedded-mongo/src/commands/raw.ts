import { encode, isDocument, type Document } from '../bson/document.js';
import { ReusedMemory } from '../bson/reused-memory.js';

const FIRST_BYTES = 4;
/** Type, number and end of the name of an element. */
const MAX_ELEMENT_HEADER_BYTES = 12;

const memory = new ReusedMemory();

/** Documents that go out as they are stored, without being decoded: the BSON of an array, which grows with each of them. */
export class RawDocuments {
  private bytes: Buffer | undefined;
  private end = FIRST_BYTES;
  count = 0;

  /** Bytes of the documents and their numbers. */
  get length(): number {
    return this.end - FIRST_BYTES;
  }

  /** The document is copied. */
  add(document: Buffer): void {
    const bytes = this.withRoomFor(document.length + MAX_ELEMENT_HEADER_BYTES + 1);
    bytes[this.end++] = DOCUMENT;
    const name = String(this.count++);
    for (let i = 0; i < name.length; i++) bytes[this.end++] = name.charCodeAt(i);
    bytes[this.end++] = 0;
    bytes.set(document, this.end);
    this.end += document.length;
  }

  private withRoomFor(size: number): Buffer {
    this.bytes ??= memory.take(FIRST_BYTES + size);
    if (this.end + size > this.bytes.length) {
      const larger = memory.take(Math.max(this.bytes.length * 2, this.end + size));
      this.bytes.copy(larger, 0, 0, this.end);
      memory.giveBack(this.bytes);
      this.bytes = larger;
    }
    return this.bytes;
  }

  /** The array, once: valid until documents are added to another one. */
  toBson(): Buffer {
    const bytes = this.withRoomFor(1);
    bytes[this.end++] = 0;
    bytes.writeInt32LE(this.end);
    this.bytes = undefined;
    memory.giveBack(bytes);
    return bytes.subarray(0, this.end);
  }
}

/** The pieces of a reply's BSON, which may hold RawDocuments at its top or in its cursor. To be joined at once. */
export function replyPieces(reply: Document): Buffer[] {
  if (!holdsRaw(reply)) return [encode(reply)];
  return framed(Object.entries(reply).flatMap(([name, value]) => fieldPieces(name, value)));
}

const isRaw = (value: unknown): boolean => value instanceof RawDocuments;

function holdsRaw(reply: Document): boolean {
  return Object.values(reply).some((value) => isRaw(value) || (isDocument(value) && Object.values(value).some(isRaw)));
}

function fieldPieces(name: string, value: unknown): Buffer[] {
  if (value instanceof RawDocuments) return [header(ARRAY, name), value.toBson()];
  if (isDocument(value) && holdsRaw(value)) return [header(DOCUMENT, name), ...replyPieces(value)];
  return [encode({ [name]: value }).subarray(4, -1)];
}

const DOCUMENT = 3;
const ARRAY = 4;

/** Type, and name as text that ends in 0. */
const header = (type: number, name: string): Buffer => Buffer.from(`${String.fromCharCode(type)}${name}\0`, 'utf8');

const END = Buffer.alloc(1);

/** With the length before them and the end behind. */
function framed(pieces: Buffer[]): Buffer[] {
  const length = Buffer.alloc(4);
  length.writeInt32LE(pieces.reduce((sum, piece) => sum + piece.length, 5));
  return [length, ...pieces, END];
}
