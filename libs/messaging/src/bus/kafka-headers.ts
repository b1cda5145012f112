import type { IHeaders } from 'kafkajs';
import type { MessageHeaders } from './message-bus.js';

/** Headers with few values, each of which comes again and again. */
const RECURRING: ReadonlySet<string> = new Set(['ce_specversion', 'ce_type', 'ce_source']);
/** By name, and by how many bytes it has: the value that was read last. */
const lastRead = new Map<string, Map<number, { readonly bytes: Buffer; readonly text: string }>>();
const LONGEST = 64;

/** Headers as kafkajs reads them. Each becomes text when it is asked for: of most messages few ever are. */
export class KafkaHeaders implements MessageHeaders {
  constructor(private readonly read: IHeaders) {}

  /** Of a header that comes several times, the last one counts. */
  get(name: string): string | undefined {
    const value = this.read[name];
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last === undefined || typeof last === 'string') return last;
    return RECURRING.has(name) ? recurring(name, last) : last.toString();
  }

  *[Symbol.iterator](): Iterator<[string, string]> {
    for (const name of Object.keys(this.read)) {
      const value = this.get(name);
      if (value !== undefined) yield [name, value];
    }
  }
}

/** To compare the bytes takes a third of what making text of them does. */
function recurring(name: string, bytes: Buffer): string {
  const known = lastRead.get(name)?.get(bytes.length);
  if (known !== undefined && areEqual(known.bytes, bytes)) return known.text;
  const text = bytes.toString();
  if (bytes.length > LONGEST) return text;
  const ofName = lastRead.get(name) ?? new Map<number, { bytes: Buffer; text: string }>();
  // A copy, as the original is a part of all that was fetched with it.
  lastRead.set(name, ofName.set(bytes.length, { bytes: Buffer.from(bytes), text }));
  return text;
}

/** Of buffers of one length. For a few bytes, a loop is faster than a call of the native method. */
function areEqual(one: Buffer, other: Buffer): boolean {
  for (let index = one.length - 1; index >= 0; index--) if (one[index] !== other[index]) return false;
  return true;
}
