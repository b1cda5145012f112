import { encode, isDocument, type Document } from '../bson/document.js';

/** Documents that go out as they are stored, without being decoded. */
export class RawDocuments {
  constructor(readonly documents: Buffer[]) {}
}

/** Encodes a reply that may hold RawDocuments at its top or in its cursor. */
export function encodeReply(reply: Document): Buffer {
  const parts = Object.entries(reply).flatMap(([name, value]) => encodeField(name, value));
  return frame(parts);
}

function encodeField(name: string, value: unknown): Buffer[] {
  if (value instanceof RawDocuments) return [header(4, name), rawArray(value.documents)];
  if (isDocument(value) && Object.values(value).some((item) => item instanceof RawDocuments)) {
    return [header(3, name), encodeReply(value)];
  }
  return [encode({ [name]: value }).subarray(4, -1)];
}

function rawArray(documents: Buffer[]): Buffer {
  return frame(documents.flatMap((document, i) => [header(3, String(i)), document]));
}

function header(type: number, name: string): Buffer {
  return Buffer.concat([Buffer.from([type]), Buffer.from(name, 'utf8'), Buffer.from([0])]);
}

function frame(parts: Buffer[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32LE(parts.reduce((sum, part) => sum + part.length, 5));
  return Buffer.concat([length, ...parts, Buffer.from([0])]);
}
