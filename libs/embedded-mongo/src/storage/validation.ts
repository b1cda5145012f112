import { encode, getField, isDocument, type Document } from '../bson/document.js';
import { badValue, Code, MongoError } from '../errors.js';
import { compileFilter, type Filter } from '../match/filter.js';

const MAX_DOCUMENT_BYTES = 16 * 2 ** 20;

/** What a collection's options demand of its documents. */
export class Validation {
  private readonly validator: Filter | undefined;

  constructor(private readonly options: Document) {
    const { validator } = options;
    this.validator = isDocument(validator) ? compileFilter(validator) : undefined;
  }

  /** Whether a change of this document is looked at: not, at level `moderate`, when it was not valid before. */
  appliesTo(before: Document): boolean {
    return this.options.validationLevel !== 'moderate' || this.isValid(before);
  }

  /** The document's BSON. Throws what MongoDB does when it is too large, or not valid. */
  encode(document: Document, unchecked: boolean): Buffer {
    const bytes = encode(document);
    checkSize(bytes);
    if (!unchecked && !this.isValid(document)) {
      const errInfo = { failingDocumentId: getField(document, '_id') };
      throw new MongoError(Code.DocumentValidationFailure, 'Document failed validation', { errInfo });
    }
    return bytes;
  }

  /** Whether documents are looked into. */
  get looks(): boolean {
    return this.validator !== undefined;
  }

  private isValid(document: Document): boolean {
    const { validationAction, validationLevel } = this.options;
    if (!this.validator || validationAction === 'warn' || validationLevel === 'off') return true;
    return this.validator.matches(document);
  }
}

/** Throws BadValue, as MongoDB does. */
export function checkSize({ length }: Buffer): void {
  if (length <= MAX_DOCUMENT_BYTES) return;
  throw badValue(`object to insert too large. size in bytes: ${length}, max size: ${MAX_DOCUMENT_BYTES}`);
}
