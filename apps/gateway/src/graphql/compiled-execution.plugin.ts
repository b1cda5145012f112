import { HeaderMap, type ApolloServerPlugin, type GraphQLRequestContext, type GraphQLResponse } from '@apollo/server';
import { GraphQLError, type FormattedExecutionResult } from 'graphql';
import type { RequestScope } from '../context/request-scope.js';
import { isSubscription, type Executor } from './executor.js';
import { RefusedError } from './prepared-operations.js';
import type { PublicErrors } from './public-error.js';

/**
 * Apollo Server speaks HTTP and parses; everything after that is the executor's, so that it is the same over every
 * transport, and compiled. Apollo's own validation is off: the executor validates after it has checked the limits.
 */
export const compiledExecution = (executor: Executor, errors: PublicErrors): ApolloServerPlugin<RequestScope> => ({
  async requestDidStart() {
    return { responseForOperation: (context) => respond(context, executor, errors) };
  },
});

async function respond(
  { request, source, document, contextValue }: GraphQLRequestContext<RequestScope>,
  executor: Executor,
  errors: PublicErrors,
): Promise<GraphQLResponse> {
  const { operationName, variables } = request;
  try {
    const prepared = executor.admit({ query: source ?? '', operationName, variables }, contextValue, document);
    if (isSubscription(prepared)) throw new RefusedError([overHttp()]);
    const result = errors.inResult(await executor.execute(prepared, variables, contextValue));
    return responseOf(result, 'data' in result ? undefined : 400);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const refused = errors.inResult({ errors: error.errors });
    return responseOf(refused, STATUS[String(refused.errors?.[0]?.extensions?.code)] ?? 400);
  }
}

const STATUS: Readonly<Record<string, number>> = { UNAUTHENTICATED: 401, SERVICE_UNAVAILABLE: 503 };

const responseOf = (singleResult: FormattedExecutionResult, status: number | undefined): GraphQLResponse => ({
  http: { status, headers: new HeaderMap() },
  body: { kind: 'single', singleResult },
});

const overHttp = (): GraphQLError =>
  new GraphQLError('Subscriptions go over graphql-ws at /graphql or over server-sent events at /graphql/stream', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
