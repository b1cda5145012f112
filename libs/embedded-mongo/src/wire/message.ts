import { decode, type Document } from '../bson/document.js';
import { ReusedMemory } from '../bson/reused-memory.js';
import { DocumentSequence } from '../bson/sequence.js';
import { replyPieces } from '../commands/raw.js';
import { MongoError } from '../errors.js';
import { crc32c } from './crc32c.js';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;

const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
/** An optional bit: a getMore may be answered by all batches that are left, one message each. */
const EXHAUST_ALLOWED = 1 << 16;
/** Bits that a server must know to understand the message. */
const REQUIRED_BITS = 0xffff;
const HEADER_BYTES = 16;

/** What cannot be answered: the connection is closed. */
export class ProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtocolError';
  }
}

/** A command as it came. */
export interface Request {
  /** Broken BSON is an error that can still be answered. */
  body: () => Document;
  /** OP_QUERY is only left for a driver's first hello. */
  legacy: boolean;
  /** `moreToCome`: the client waits for no answer. */
  unanswered: boolean;
  /** The client takes several answers to one getMore. */
  exhaust: boolean;
  /** The message that answers it; with `more`, the client waits for another one without asking. */
  reply: (document: Document, more?: boolean) => Buffer;
}

/** Reads one message with its header. Throws ProtocolError. */
export function readMessage(message: Buffer): Request {
  const requestId = message.readInt32LE(4);
  const opCode = message.readInt32LE(12);
  if (opCode === OP_MSG) return readOpMsg(message, requestId);
  if (opCode === OP_QUERY) return readOpQuery(message, requestId);
  throw new ProtocolError(`operation ${opCode} is not supported`);
}

function readOpMsg(message: Buffer, requestId: number): Request {
  if (message.length < HEADER_BYTES + 5) throw new ProtocolError('OP_MSG is too short');
  const flags = message.readUInt32LE(HEADER_BYTES);
  if ((flags & REQUIRED_BITS & ~(CHECKSUM_PRESENT | MORE_TO_COME)) !== 0) throw new ProtocolError('unknown flags');
  const end = flags & CHECKSUM_PRESENT ? checkedEnd(message) : message.length;
  return {
    body: () => readSections(message, HEADER_BYTES + 4, end),
    legacy: false,
    unanswered: (flags & MORE_TO_COME) !== 0,
    exhaust: (flags & EXHAUST_ALLOWED) !== 0,
    reply: repliesTo(requestId),
  };
}

/** The first message answers the request, and each further one the message before it. */
function repliesTo(requestId: number): Request['reply'] {
  let responseTo = requestId;
  return (document, more = false) => {
    const flagsAndKind = Buffer.alloc(5);
    if (more) flagsAndKind.writeUInt32LE(MORE_TO_COME);
    const message = frame(OP_MSG, responseTo, [flagsAndKind, ...replyPieces(document)]);
    responseTo = message.readInt32LE(4);
    return message;
  };
}

function checkedEnd(message: Buffer): number {
  const end = message.length - 4;
  if (crc32c(message.subarray(0, end)) !== message.readUInt32LE(end)) throw new ProtocolError('wrong checksum');
  return end;
}

/** One section of kind 0 is the command; those of kind 1 are arrays of it that came outside, as BSON documents. */
function readSections(message: Buffer, start: number, end: number): Document {
  let body: Document | undefined;
  const sequences: [name: string, documents: DocumentSequence][] = [];
  let at = start;
  while (at < end) {
    const kind = message[at];
    const size = sizeAt(message, at + 1, end);
    const section = message.subarray(at + 1, at + 1 + size);
    if (kind === 0 && body === undefined) body = decode(section);
    else if (kind === 1) sequences.push(readSequence(section));
    else throw invalid('OP_MSG has a section of unknown kind, or two bodies');
    at += 1 + size;
  }
  if (body === undefined) throw invalid('OP_MSG messages must have a body');
  for (const [name, documents] of sequences) {
    if (Object.hasOwn(body, name)) throw invalid(`Duplicate field between body and document sequence ${name}`);
    body[name] = documents;
  }
  return body;
}

function readSequence(section: Buffer): [name: string, documents: DocumentSequence] {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd < 0) throw invalid('document sequence without a name');
  const documents: Buffer[] = [];
  for (let at = nameEnd + 1; at < section.length;) {
    const size = sizeAt(section, at, section.length);
    documents.push(section.subarray(at, at + size));
    at += size;
  }
  return [section.toString('utf8', 4, nameEnd), new DocumentSequence(documents)];
}

function sizeAt(bytes: Buffer, at: number, end: number): number {
  const size = at + 4 <= end ? bytes.readInt32LE(at) : -1;
  if (size < 5 || at + size > end) throw invalid('a section or document is longer than its message');
  return size;
}

function readOpQuery(message: Buffer, requestId: number): Request {
  const nameEnd = message.indexOf(0, HEADER_BYTES + 4);
  const start = nameEnd + 9;
  if (nameEnd < 0 || message.length < start + 5) throw new ProtocolError('OP_QUERY is too short');
  const [database = 'admin'] = message.toString('utf8', HEADER_BYTES + 4, nameEnd).split('.');
  return {
    body: () => ({ ...decode(message.subarray(start, start + sizeAt(message, start, message.length))), $db: database }),
    legacy: true,
    unanswered: false,
    exhaust: false,
    reply: (document) => frame(OP_REPLY, requestId, [replyHeader(), ...replyPieces(document)]),
  };
}

/** Flags (AwaitCapable), no cursor, one document. */
function replyHeader(): Buffer {
  const header = Buffer.alloc(20);
  header.writeInt32LE(8, 0);
  header.writeInt32LE(1, 16);
  return header;
}

let lastId = 0;

const memory = new ReusedMemory();
/** Smaller messages share pieces of memory. */
const SMALL_BYTES = 4 * 1_024;

/** The bytes of a reply that was sent: nobody looks at them any more. */
export const giveBack = (message: Buffer): void => memory.giveBack(message);

function frame(opCode: number, responseTo: number, parts: Buffer[]): Buffer {
  lastId = (lastId + 1) & 0x7fffffff;
  const length = parts.reduce((sum, part) => sum + part.length, HEADER_BYTES);
  const whole = length < SMALL_BYTES ? Buffer.allocUnsafe(length) : memory.take(length).subarray(0, length);
  whole.writeInt32LE(length, 0);
  whole.writeInt32LE(lastId, 4);
  whole.writeInt32LE(responseTo, 8);
  whole.writeInt32LE(opCode, 12);
  let at = HEADER_BYTES;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function invalid(message: string): MongoError {
  return new MongoError(22, message);
}
