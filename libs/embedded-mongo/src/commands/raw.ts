import { encode, isDocument, type Document } from '../bson/document.js';

/** Documents that go out as they are stored, without being decoded. */
export class RawDocuments {
  constructor(readonly documents: Buffer[]) {}
}

/** Encodes a reply that may hold RawDocuments at its top or in its cursor. */
export function encodeReply(reply: Document): Buffer {
  if (!holdsRaw(reply)) return encode(reply);
  return frame(Object.entries(reply).flatMap(([name, value]) => encodeField(name, value)));
}

const isRaw = (value: unknown): boolean => value instanceof RawDocuments;

function holdsRaw(reply: Document): boolean {
  return Object.values(reply).some((value) => isRaw(value) || (isDocument(value) && Object.values(value).some(isRaw)));
}

function encodeField(name: string, value: unknown): Buffer[] {
  if (value instanceof RawDocuments) return [header(4, name), rawArray(value.documents)];
  if (isDocument(value) && holdsRaw(value)) return [header(3, name), encodeReply(value)];
  return [encode({ [name]: value }).subarray(4, -1)];
}

/** Type, name as text that ends in 0, length. */
const elementHeaderBytes = (name: string): number => 1 + name.length + 1;

/** Replies may be of megabytes: each document is copied once, to its place. */
function rawArray(documents: Buffer[]): Buffer {
  const size = documents.reduce((sum, { length }, i) => sum + elementHeaderBytes(String(i)) + length, 5);
  const array = Buffer.allocUnsafe(size);
  let at = array.writeInt32LE(size);
  for (const [i, document] of documents.entries()) {
    array[at++] = 3;
    at += array.write(String(i), at, 'latin1');
    array[at++] = 0;
    array.set(document, at);
    at += document.length;
  }
  array[at] = 0;
  return array;
}

function header(type: number, name: string): Buffer {
  return Buffer.concat([Buffer.from([type]), Buffer.from(name, 'utf8'), Buffer.from([0])]);
}

function frame(parts: Buffer[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32LE(parts.reduce((sum, part) => sum + part.length, 5));
  return Buffer.concat([length, ...parts, Buffer.from([0])]);
}
