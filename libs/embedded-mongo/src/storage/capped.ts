import { isTrue, numberOf, type Document } from '../bson/document.js';
import { badValue, Code, MongoError } from '../errors.js';

/** Sizes are whole multiples of this, as in MongoDB. */
const UNIT_BYTES = 256;

export interface CappedLimits {
  bytes: number;
  documents: number;
}

/** The limits of a capped collection, or undefined for another one. Throws InvalidOptions. */
export function cappedLimits({ capped, size, max }: Document): CappedLimits | undefined {
  if (!isTrue(capped)) return undefined;
  const bytes = numberOf(size);
  if (bytes === undefined || bytes <= 0) {
    throw new MongoError(Code.InvalidOptions, "the 'size' field is required when 'capped' is true");
  }
  return { bytes: Math.ceil(bytes / UNIT_BYTES) * UNIT_BYTES, documents: numberOf(max) || Infinity };
}

/** What a capped collection holds; the oldest leave when it is too much. */
export class CappedTotals {
  private constructor(
    private readonly limits: CappedLimits,
    private bytes: number,
    private documents: number,
  ) {}

  static of(limits: CappedLimits, sizes: Iterable<number>): CappedTotals {
    let [bytes, documents] = [0, 0];
    for (const size of sizes) {
      bytes += size;
      documents++;
    }
    return new CappedTotals(limits, bytes, documents);
  }

  /** Throws BadValue for a document that could never be held. */
  add(size: number): void {
    if (size > this.limits.bytes) throw badValue('object to insert exceeds cappedMaxSize');
    this.bytes += size;
    this.documents++;
  }

  remove(size: number): void {
    this.bytes -= size;
    this.documents--;
  }

  get isOver(): boolean {
    return this.bytes > this.limits.bytes || this.documents > this.limits.documents;
  }
}
