import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols, type Context, type SubscribePayload } from 'graphql-ws';
import { useServer, type Extra } from 'graphql-ws/use/ws';
import { GraphQLError, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { WebSocketServer } from 'ws';
import type { RequestScope } from '../context/request-scope.js';
import type { Executor } from '../graphql/executor.js';
import { LIMITS } from '../graphql/limits.js';
import { RefusedError, type PreparedOperation } from '../graphql/prepared-operations.js';
import type { PublicErrors } from '../graphql/public-error.js';

interface WebSocketOptions {
  readonly path: string;
  readonly executor: Executor;
  readonly errors: PublicErrors;
  /** A scope of its own for every operation: the token is looked at again each time. */
  scopeOf(authorization: string | undefined, request: IncomingMessage): Promise<RequestScope>;
}

/** Operations that one connection may have under way. */
const MAX_OPERATIONS = 100;
const TRY_AGAIN_LATER = 4429;
const UNAUTHORIZED = 4401;
/** So that the last message of a subscription, which says that the token has expired, comes before the end. */
const EXPIRY_GRACE_MS = 250;
const MAX_TIMER_MS = 2 ** 31 - 1;

interface PreparedArgs extends ExecutionArgs {
  readonly prepared: PreparedOperation;
}
const isPrepared = (args: ExecutionArgs): args is PreparedArgs & { contextValue: RequestScope } => 'prepared' in args;

/** GraphQL over WebSocket (the graphql-transport-ws protocol) on an HTTP server. Returns the way to end it. */
export function serveWebSocket(http: Server, options: WebSocketOptions): () => Promise<void> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LIMITS.bodyBytes, handleProtocols });
  const server = useServer<Record<string, unknown>>(hooksOf(options), sockets);
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { pathname } = new URL(request.url ?? '/', 'http://gateway');
    if (pathname !== options.path) return socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request));
  });
  return async () => {
    // Closes every connection with 1001 «Going away».
    await server.dispose();
    sockets.close();
  };
}

function hooksOf({
  executor,
  errors,
  scopeOf,
}: WebSocketOptions): Parameters<typeof useServer<Record<string, unknown>>>[0] {
  const scopeFor = (context: Context<Record<string, unknown>, Extra>): Promise<RequestScope> =>
    scopeOf(authorizationIn(context), context.extra.request);
  const run = async (args: ExecutionArgs) => {
    if (!isPrepared(args)) throw new TypeError('The operation was not prepared');
    return executor.run(args.prepared, args.variableValues, args.contextValue);
  };
  return {
    onConnect: async (context) => {
      const { visitor } = await scopeFor(context);
      closeAtExpiry(context.extra, visitor.expiresAtMs);
    },
    onSubscribe: async (context, _id, payload) => {
      if (Object.keys(context.subscriptions).length > MAX_OPERATIONS) {
        context.extra.socket.close(TRY_AGAIN_LATER, `More than ${MAX_OPERATIONS} operations at once`);
        return [];
      }
      return prepare(payload, await scopeFor(context), executor);
    },
    execute: run,
    subscribe: run,
    onNext: (_context, _id, _payload, _args, result: ExecutionResult) => errors.inResult(result),
    onError: (_context, _id, _payload, refused) => refused.map((error) => errors.of(error, true)),
  };
}

function prepare(
  payload: SubscribePayload,
  scope: RequestScope,
  executor: Executor,
): PreparedArgs | readonly GraphQLError[] {
  try {
    const prepared = executor.admit(payload, scope);
    const { document, operationName } = prepared;
    const { schema } = executor;
    return { prepared, schema, document, operationName, variableValues: { ...payload.variables }, contextValue: scope };
  } catch (error) {
    if (error instanceof RefusedError) return error.errors;
    throw error;
  }
}

/** connectionParams { authorization: "Bearer …" }, in any case, or the header of the upgrade. */
function authorizationIn({ connectionParams, extra }: Context<Record<string, unknown>, Extra>): string | undefined {
  const [, param] =
    Object.entries(connectionParams ?? {}).find(([name]) => name.toLowerCase() === 'authorization') ?? [];
  return typeof param === 'string' ? param : extra.request.headers.authorization;
}

function closeAtExpiry({ socket }: Extra, expiresAtMs: number | undefined): void {
  if (expiresAtMs === undefined) return;
  const ms = Math.min(Math.max(0, expiresAtMs - Date.now()) + EXPIRY_GRACE_MS, MAX_TIMER_MS);
  const timer = setTimeout(() => socket.close(UNAUTHORIZED, 'The access token has expired'), ms);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}
