import { getField, isDocument, isTrue, numberOf, setField, type Document } from '../bson/document.js';
import { DocumentSequence } from '../bson/sequence.js';
import { Code, MongoError } from '../errors.js';
import { evaluate } from '../expression/evaluate.js';
import { typeName } from '../match/type-names.js';
import { Deadline } from '../query/execute.js';
import type { Collection } from '../storage/collection.js';
import type { Store } from '../storage/store.js';
import { refuseView } from '../storage/views.js';
import type { Cursors } from './cursors.js';
import { missingField } from './fields.js';

/** What handlers know of the server around them. */
export interface ServerState {
  store: Store;
  cursors: Cursors;
  host: string;
  port: number;
  startedAt: Date;
  now: () => Date;
  counters: { commands: number; connections: number; connectionsCreated: number };
}

export type Handler = (command: Command) => Document | Promise<Document>;

/** One command as it came, with its arguments checked as they are read. */
export class Command {
  readonly deadline: Deadline;
  readonly database: string;
  private letValues: Document | undefined;

  constructor(
    readonly name: string,
    readonly body: Document,
    readonly server: ServerState,
    readonly connectionId: number,
  ) {
    this.database = typeof body.$db === 'string' ? body.$db : 'test';
    this.deadline = Deadline.after(this.number('maxTimeMS'));
  }

  get store(): Store {
    return this.server.store;
  }

  /** The collection's name that the command names. Throws InvalidNamespace. */
  get collectionName(): string {
    const name = getField(this.body, this.name);
    if (typeof name !== 'string') {
      throw new MongoError(Code.InvalidNamespace, `collection name has invalid type ${typeName(name)}`);
    }
    if (name === '') throw new MongoError(Code.InvalidNamespace, `Invalid namespace specified '${this.database}.'`);
    return name;
  }

  get namespace(): string {
    return `${this.database}.${this.collectionName}`;
  }

  /** Throws CommandNotSupportedOnView. */
  get collection(): Collection | undefined {
    return refuseView(this.named);
  }

  /** What has the name: a collection or a view. */
  get named(): Collection | undefined {
    return this.store.collection(this.database, this.collectionName);
  }

  /** The collection, made when it is missing. Inside `Store.write` only. */
  ensureCollection(): Collection {
    return this.collection ?? this.store.create(this.database, this.collectionName);
  }

  /** What `let` says: expressions of constants, with plain numbers. */
  get variables(): Document {
    return (this.letValues ??= letValues(this.document('let')));
  }

  value(field: string): unknown {
    const value = getField(this.body, field);
    return value instanceof DocumentSequence ? value.documents : value;
  }

  /** Documents that are to be stored, as BSON where they can be kept as they came. */
  storable(field: string): (Document | Buffer)[] {
    const value = getField(this.body, field);
    return value instanceof DocumentSequence ? value.storable : this.documents(field);
  }

  flag(field: string): boolean {
    return isTrue(this.value(field));
  }

  /** Empty when it is not given. Throws TypeMismatch. */
  document(field: string): Document {
    const value = this.value(field);
    if (value === undefined || value === null) return {};
    if (!isDocument(value)) throw mismatch(this.name, field, 'object');
    return value;
  }

  /** Throws what MongoDB does when it is missing. */
  array(field: string): unknown[] {
    const value = this.value(field);
    if (value === undefined) throw missingField(`${this.name}.${field}`);
    if (!Array.isArray(value)) throw mismatch(this.name, field, 'array');
    return value;
  }

  documents(field: string): Document[] {
    return this.array(field).map((item) => {
      if (!isDocument(item)) throw mismatch(this.name, field, 'object');
      return item;
    });
  }

  number(field: string, least = 0): number | undefined {
    const value = this.value(field);
    if (value === undefined || value === null) return undefined;
    const number = numberOf(value);
    if (number === undefined) throw mismatch(this.name, field, 'number');
    if (number < least)
      throw new MongoError(51024, `BSON field '${field}' value must be >= 0, actual value '${number}'`);
    return number;
  }
}

export function mismatch(command: string, field: string, expected: string): MongoError {
  return new MongoError(
    Code.TypeMismatch,
    `BSON field '${command}.${field}' is the wrong type, expected type '${expected}'`,
  );
}

/** Evaluated before any document is read. Throws Location4890500 for one that would need a document. */
function letValues(given: Document): Document {
  const values: Document = {};
  for (const [name, expression] of Object.entries(given)) {
    if (typeof expression === 'string' && /^\$[^$]/.test(expression)) {
      throw new MongoError(
        4_890_500,
        `Command let Expression tried to access a field, but this is not allowed because command let expressions run before the query examines any documents.`,
      );
    }
    const value = evaluate(expression, {});
    if (value !== undefined) setField(values, name, value);
  }
  return values;
}
