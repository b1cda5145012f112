import type { Document } from './bson/document.js';

/** MongoDB's error codes, as far as this server answers them. */
export const Code = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  TypeMismatch: 14,
  AuthenticationFailed: 18,
  Overflow: 15,
  IllegalOperation: 20,
  GraphContainsCycle: 5,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  EmptyFieldName: 56,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  IndexAlreadyExists: 68,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  CommandNotFound: 59,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  DocumentValidationFailure: 121,
  NotAReplicaSet: 123,
  CappedPositionLost: 136,
  InvalidIndexSpecificationOption: 197,
  ViewDepthLimitExceeded: 165,
  OptionNotSupportedOnView: 167,
  InvalidPipelineOperator: 168,
  CannotIndexParallelArrays: 171,
  CommandNotSupportedOnView: 166,
  QueryPlanKilled: 175,
  CursorKilled: 237,
  NotImplemented: 238,
  APIVersionError: 322,
  APIStrictError: 323,
  MechanismUnavailable: 334,
  DuplicateKey: 11000,
  OutOfDiskSpace: 14031,
  InvalidLength: 16,
  UnknownField: 40415,
  MissingField: 40414,
  UnrecognizedStage: 40324,
  ChangeStreamUnsupported: 40573,
} as const;

const NAMES = new Map<number, string>(Object.entries(Code).map(([name, code]) => [code, name]));
NAMES.set(Code.MissingField, 'Location40414').set(Code.UnknownField, 'Location40415');
NAMES.set(54, 'NotSingleValueField')
  .set(Code.UnrecognizedStage, 'Location40324')
  .set(Code.ChangeStreamUnsupported, 'Location40573');

/** An answer with `ok: 0`, or a write error: code and text as MongoDB's. */
export class MongoError extends Error {
  constructor(
    readonly errorCode: number,
    message: string,
    /** Further fields of the answer, e.g. keyPattern and keyValue. */
    readonly details: Document = {},
  ) {
    super(message);
    this.name = 'MongoError';
  }

  get codeName(): string {
    return NAMES.get(this.errorCode) ?? `Location${this.errorCode}`;
  }
}

export function badValue(message: string): MongoError {
  return new MongoError(Code.BadValue, message);
}

export function failedToParse(message: string): MongoError {
  return new MongoError(Code.FailedToParse, message);
}

export function notImplemented(what: string): MongoError {
  return new MongoError(Code.NotImplemented, `${what} is not supported by the embedded server`);
}

/** A write for several documents found more than it may change without giving way. Nothing was changed. */
export class ManyMatches extends Error {}
