/**
 * Failures that no result type of an operation expresses. Each has a stable code, the same at the edge, and the same
 * whether the service answered from this process or another.
 */
export type ServiceErrorCode =
  'UNAUTHENTICATED' | 'FORBIDDEN' | 'BAD_USER_INPUT' | 'RATE_LIMITED' | 'SERVICE_UNAVAILABLE' | 'INTERNAL';

export abstract class ServiceError extends Error {
  abstract readonly code: ServiceErrorCode;
  override get name(): string {
    return this.constructor.name;
  }
}

/** No token, or one that is expired, forged or not ours. */
export class UnauthenticatedError extends ServiceError {
  readonly code = 'UNAUTHENTICATED';
  constructor(message = 'Sign in first') {
    super(message);
  }
}

/** Known, but not allowed. */
export class ForbiddenError extends ServiceError {
  readonly code = 'FORBIDDEN';
  constructor(message = 'This is not yours to see or do') {
    super(message);
  }
}

/** Input that breaks the operation's contract, where its result has no InvalidInput. */
export class BadInputError extends ServiceError {
  readonly code = 'BAD_USER_INPUT';
}

/** Too many tries. */
export class RateLimitedError extends ServiceError {
  readonly code = 'RATE_LIMITED';
}

/** The service did not answer: it is down, shutting down, or took longer than the deadline. The outcome is unknown. */
export class ServiceUnavailableError extends ServiceError {
  readonly code = 'SERVICE_UNAVAILABLE';
}

/** A defect. Its id is in the log of the service beside what really happened; nothing else of it is told. */
export class InternalError extends ServiceError {
  readonly code = 'INTERNAL';
  constructor(
    readonly id: string,
    message = 'Something went wrong here',
  ) {
    super(message);
  }
}

/** An error as it travels: never a stack. */
export interface WireError {
  readonly code: ServiceErrorCode;
  readonly message: string;
  /** Of an INTERNAL error: what to look up in the log. */
  readonly id?: string;
}

export const toWireError = (error: ServiceError): WireError =>
  error instanceof InternalError
    ? { code: error.code, message: error.message, id: error.id }
    : { code: error.code, message: error.message };

const FROM_WIRE: Record<ServiceErrorCode, (error: WireError) => ServiceError> = {
  UNAUTHENTICATED: ({ message }) => new UnauthenticatedError(message),
  FORBIDDEN: ({ message }) => new ForbiddenError(message),
  BAD_USER_INPUT: ({ message }) => new BadInputError(message),
  RATE_LIMITED: ({ message }) => new RateLimitedError(message),
  SERVICE_UNAVAILABLE: ({ message }) => new ServiceUnavailableError(message),
  INTERNAL: ({ id, message }) => new InternalError(id ?? 'unknown', message),
};

export const fromWireError = (error: WireError): ServiceError =>
  (FROM_WIRE[error.code] ?? FROM_WIRE.INTERNAL)({ ...error });
