import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHandler } from 'graphql-sse/lib/use/fastify';
import type { ExecutionResult } from 'graphql';
import { LOGGER, type Logger } from '#service-kit';
import { Executor } from '../graphql/executor.js';
import { RefusedError } from '../graphql/prepared-operations.js';
import { PublicErrors } from '../graphql/public-error.js';
import { ScopeFactory } from '../context/scope-factory.js';

/** Operations over server-sent events: the «distinct connections» mode of the GraphQL over SSE protocol. */
@Controller()
export class EventStreamController {
  private readonly handle: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

  constructor(
    @Inject(Executor) executor: Executor,
    @Inject(PublicErrors) errors: PublicErrors,
    @Inject(ScopeFactory) scopes: ScopeFactory,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    // graphql-sse takes a result without data for no result at all.
    const formatted = (result: ExecutionResult): ExecutionResult => ({
      data: null,
      ...(errors.inResult(result) as ExecutionResult),
    });
    this.handle = createHandler({
      // No «single connection» mode: it keeps state here between requests.
      authenticate: () => null,
      onSubscribe: async ({ raw }, { query, operationName, variables }) => {
        const scope = await scopes.forRequest(raw);
        try {
          const prepared = executor.admit({ query: String(query), operationName, variables }, scope);
          return await mapped(await executor.run(prepared, variables, scope), formatted);
        } catch (error) {
          if (error instanceof RefusedError) return formatted({ errors: error.errors });
          throw error;
        }
      },
    });
  }

  @Post('graphql/stream')
  async stream(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    reply.hijack();
    try {
      await this.handle(request, reply);
    } catch (error) {
      this.logger.warn({ err: error }, 'An event stream broke off');
      reply.raw.destroy();
    }
  }
}

type Results = AsyncIterableIterator<ExecutionResult> | ExecutionResult;

const refuse = async (error: unknown): Promise<never> => {
  throw error;
};

async function mapped(
  results: Results,
  format: (result: ExecutionResult) => ExecutionResult,
): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
  if (!(Symbol.asyncIterator in results)) return format(results);
  const formatted: AsyncGenerator<ExecutionResult, undefined> = {
    [Symbol.asyncIterator]: () => formatted,
    async next() {
      const { done, value } = await results.next();
      return done ? { done, value: undefined } : { done: false, value: format(value) };
    },
    async return() {
      await results.return?.();
      return { done: true, value: undefined };
    },
    // graphql-sse ends only what it takes for a generator, and those have it.
    throw: refuse,
    async [Symbol.asyncDispose]() {
      await results.return?.();
    },
  };
  return formatted;
}
