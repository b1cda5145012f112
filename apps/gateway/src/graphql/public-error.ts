import { GraphQLError, type ExecutionResult, type FormattedExecutionResult, type GraphQLFormattedError } from 'graphql';
import { typeIds } from '#contracts';
import { InternalError, ServiceError, type Logger } from '#service-kit';

/** Every code that a client can meet at the top level. */
const CODES = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_TOO_COMPLEX',
  'PAYLOAD_TOO_LARGE',
  'RATE_LIMITED',
  'SERVICE_UNAVAILABLE',
  'INTERNAL',
]);

/** What Apollo Server says itself, in the words of our API. */
const FROM_APOLLO: Readonly<Record<string, string>> = {
  GRAPHQL_PARSE_FAILED: 'GRAPHQL_VALIDATION_FAILED',
  PERSISTED_QUERY_NOT_FOUND: 'BAD_USER_INPUT',
  PERSISTED_QUERY_NOT_SUPPORTED: 'BAD_USER_INPUT',
  OPERATION_RESOLUTION_FAILURE: 'BAD_USER_INPUT',
  BAD_REQUEST: 'BAD_USER_INPUT',
};

/** graphql-js 16.15 has the typo. */
const TOO_MANY_TOKENS = /more tha[nt] \d+ tokens|Maximum call stack/;

/** Makes errors fit for clients: a code of the API, no stack, and for a defect an id to look up in the log. */
export class PublicErrors {
  constructor(private readonly logger: Logger) {}

  /** `isRequestError`: nothing was executed, so that what has no code of its own is the client's mistake. */
  of(error: GraphQLError, isRequestError = false): GraphQLFormattedError {
    const { code, message, id } = this.classify(error, isRequestError);
    return {
      message,
      ...(error.locations ? { locations: error.locations } : {}),
      ...(error.path ? { path: error.path } : {}),
      extensions: { code, ...(id ? { id } : {}) },
    };
  }

  /** A result without data was refused before anything ran. */
  inResult(result: Omit<ExecutionResult, 'errors'> & { errors?: readonly GraphQLError[] }): FormattedExecutionResult {
    const { errors, ...rest } = result;
    if (!errors?.length) return rest;
    const isRequestError = !('data' in result);
    return { errors: errors.map((error) => this.of(error, isRequestError)), ...rest };
  }

  /** For what Apollo Server has formatted already. */
  ofApollo(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
    const stated = String(formatted.extensions?.code);
    if (stated === 'GRAPHQL_PARSE_FAILED' && TOO_MANY_TOKENS.test(formatted.message)) {
      return { ...formatted, extensions: { code: 'OPERATION_TOO_COMPLEX' } };
    }
    const code = FROM_APOLLO[stated] ?? stated;
    const { locations, path, message } = formatted;
    const place = { ...(locations ? { locations } : {}), ...(path ? { path } : {}) };
    if (code !== 'INTERNAL' && CODES.has(code)) return { message, ...place, extensions: { code } };
    const original =
      error instanceof GraphQLError ? error : new GraphQLError(message, { originalError: toError(error) });
    return { ...this.of(original), ...place };
  }

  private classify(error: GraphQLError, isRequestError: boolean): { code: string; message: string; id?: string } {
    const original = rootOf(error);
    if (original instanceof InternalError) return { code: original.code, message: original.message, id: original.id };
    if (original instanceof ServiceError) return { code: original.code, message: original.message };
    const code = String(error.extensions?.code);
    if (CODES.has(code)) return { code, message: error.message };
    if (isRequestError) return { code: 'BAD_USER_INPUT', message: error.message };
    const id = typeIds.next('request');
    this.logger.error({ err: original, errorId: id, path: error.path?.join('.') }, 'A resolver failed');
    return { code: 'INTERNAL', message: 'Something went wrong here', id };
  }
}

function rootOf(error: GraphQLError): unknown {
  let root: unknown = error;
  while (root instanceof GraphQLError && root.originalError) root = root.originalError;
  return root;
}

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
