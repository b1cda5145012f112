/** A failure that the API reports at the top level, or no answer at all. code is one of those in the API's contract. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** The API answered a mutation with a user error: `code` is its, `OUT_OF_STOCK`. */
export class RefusedError extends Error {
  constructor(
    /** The mutation. */
    readonly field: string,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'RefusedError';
  }
}

/** What the credentials were refused for. */
export class SignInError extends Error {
  readonly code = 'WRONG_CREDENTIALS';

  constructor(message: string) {
    super(message);
    this.name = 'SignInError';
  }
}
