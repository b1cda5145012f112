import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { GraphQLError } from 'graphql';
import { ServiceError } from '#service-kit';
import { LIMITS } from '../graphql/limits.js';
import { PublicErrors } from '../graphql/public-error.js';

interface Answer {
  readonly status: number;
  readonly error: GraphQLError;
}

const STATUS: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  BAD_USER_INPUT: 400,
  RATE_LIMITED: 429,
  SERVICE_UNAVAILABLE: 503,
};

/** Whatever fails outside an operation (a body that is too large or no JSON, a wrong address) is told as GraphQL tells it. */
@Catch()
export class HttpErrorFilter implements ExceptionFilter {
  constructor(@Inject(PublicErrors) private readonly errors: PublicErrors) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { status, error } = answerTo(exception);
    // What is left of a body that is too large is not read: the connection can't be used again.
    if (status === 413) void reply.header('connection', 'close');
    void reply.status(status).send({ errors: [this.errors.of(error)] });
  }
}

function answerTo(exception: unknown): Answer {
  const status = statusOf(exception);
  if (exception instanceof ServiceError) {
    return { status: STATUS[exception.code] ?? 500, error: withCode(exception.code, exception.message, exception) };
  }
  if (status === 413)
    return { status, error: withCode('PAYLOAD_TOO_LARGE', `The body is larger than ${LIMITS.bodyBytes} bytes`) };
  if (status === 404) return { status, error: withCode('BAD_USER_INPUT', 'There is nothing at this address') };
  if (status >= 400 && status < 500) return { status, error: withCode('BAD_USER_INPUT', messageOf(exception)) };
  const originalError = exception instanceof Error ? exception : new Error(String(exception));
  return { status: 500, error: new GraphQLError('Something went wrong here', { originalError }) };
}

const withCode = (code: string, message: string, originalError?: Error): GraphQLError =>
  new GraphQLError(message, { extensions: { code }, originalError });

const messageOf = (exception: unknown): string =>
  exception instanceof Error ? exception.message : 'The request is not valid';

/** Of Nest's exceptions and Fastify's errors. */
function statusOf(exception: unknown): number {
  if (exception instanceof HttpException) return exception.getStatus();
  const { statusCode } = (exception ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : 500;
}
