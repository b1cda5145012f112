import { encode, isDocument, type Document } from '../bson/document.js';

/** Documents that go out as they are stored, without being decoded. */
export class RawDocuments {
  constructor(readonly documents: Buffer[]) {}
}

/**
 * The pieces of a reply's BSON, which may hold RawDocuments at its top or in its cursor. Replies may be of megabytes: each
 * document is copied once, to its place in the message.
 */
export function replyPieces(reply: Document): Buffer[] {
  if (!holdsRaw(reply)) return [encode(reply)];
  return framed(Object.entries(reply).flatMap(([name, value]) => fieldPieces(name, value)));
}

const isRaw = (value: unknown): boolean => value instanceof RawDocuments;

function holdsRaw(reply: Document): boolean {
  return Object.values(reply).some((value) => isRaw(value) || (isDocument(value) && Object.values(value).some(isRaw)));
}

function fieldPieces(name: string, value: unknown): Buffer[] {
  if (value instanceof RawDocuments) return [header(ARRAY, name), ...arrayPieces(value.documents)];
  if (isDocument(value) && holdsRaw(value)) return [header(DOCUMENT, name), ...replyPieces(value)];
  return [encode({ [name]: value }).subarray(4, -1)];
}

const DOCUMENT = 3;
const ARRAY = 4;

/** Type, and name as text that ends in 0. */
const header = (type: number, name: string): Buffer => Buffer.from(`${String.fromCharCode(type)}${name}\0`, 'utf8');

const ELEMENT_HEADERS = Array.from({ length: 128 }, (_, i) => header(DOCUMENT, String(i)));

function arrayPieces(documents: Buffer[]): Buffer[] {
  return framed(documents.flatMap((document, i) => [ELEMENT_HEADERS[i] ?? header(DOCUMENT, String(i)), document]));
}

const END = Buffer.alloc(1);

/** With the length before them and the end behind. */
function framed(pieces: Buffer[]): Buffer[] {
  const length = Buffer.alloc(4);
  length.writeInt32LE(pieces.reduce((sum, piece) => sum + piece.length, 5));
  return [length, ...pieces, END];
}
