import { decode, type Document } from './document.js';
import { formOf } from './form.js';
import { decodeStored } from './stored.js';

/** Documents of a command that came outside its body, as bytes. */
export class DocumentSequence {
  private decoded: Document[] | undefined;

  constructor(private readonly received: readonly Buffer[]) {}

  /** Throws BSONError when one of them is broken. */
  get documents(): Document[] {
    return (this.decoded ??= this.received.map((bytes) =>
      formOf(bytes) === 'other' ? decode(bytes) : decodeStored(bytes),
    ));
  }

  /** The same, but what can be stored as it came is left as it is. */
  get storable(): (Document | Buffer)[] {
    return this.received.map((bytes) => {
      const form = formOf(bytes);
      if (form === 'stored') return bytes;
      return form === 'sound' ? decodeStored(bytes) : decode(bytes);
    });
  }
}
