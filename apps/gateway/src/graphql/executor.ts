import {
  execute,
  getVariableValues,
  GraphQLError,
  Kind,
  OperationTypeNode,
  subscribe,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { RequestScope } from '../context/request-scope.js';
import { withInputDefaults } from './input-defaults.js';
import { tooCostly } from './limits.js';
import { PreparedOperations, RefusedError, type PreparedOperation } from './prepared-operations.js';

/** What a client sends, over whichever transport. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

type Variables = Record<string, unknown>;

/** More mistakes in the variables than these are not listed. */
const MOST_PROBLEMS = 20;

/** Mutations that somebody with an expired token may still send. */
const SIGNING_IN = new Set(['signUp', 'signIn', 'refreshSession']);

/** Runs operations, the same way for every transport. */
export class Executor {
  private readonly operations: PreparedOperations;

  constructor(readonly schema: GraphQLSchema) {
    this.operations = new PreparedOperations(schema);
  }

  /** An operation that may run. `parsed`: the document, where the transport has it. Errors: RefusedError. */
  admit(request: OperationRequest, { visitor }: RequestScope, parsed?: DocumentNode): PreparedOperation {
    const prepared = this.operations.prepare(request.query, request.operationName, parsed);
    if (visitor.problem && !isSigningIn(prepared.operation)) {
      throw new RefusedError([new GraphQLError(visitor.problem.message, { originalError: visitor.problem })]);
    }
    const costly = tooCostly(prepared.measured, request.variables ?? {});
    if (costly) throw new RefusedError([costly]);
    return prepared;
  }

  /** Runs a query or mutation. A result without `data` was refused before anything ran. */
  async execute(
    { compiled, document, operation, operationName }: PreparedOperation,
    variables: OperationRequest['variables'],
    scope: RequestScope,
  ): Promise<ExecutionResult> {
    const { schema } = this;
    const variableValues: Variables = { ...variables };
    if (!compiled) return execute({ schema, document, contextValue: scope, variableValues, operationName });
    const result = await compiled.query(undefined, scope, withInputDefaults(schema, operation, variableValues));
    return 'data' in result ? result : { errors: problemsOf(schema, operation, variableValues) ?? result.errors ?? [] };
  }

  /** Runs a subscription: its results as they come, or one result that says why there are none. */
  async subscribe(
    { document, operationName }: PreparedOperation,
    variables: OperationRequest['variables'],
    scope: RequestScope,
  ): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const variableValues: Variables = { ...variables };
    const results = await subscribe({
      schema: this.schema,
      document,
      contextValue: scope,
      variableValues,
      operationName,
    });
    return Symbol.asyncIterator in results ? endingWithError(results, scope) : results;
  }

  /** Either, as the operation says. */
  run(
    prepared: PreparedOperation,
    variables: OperationRequest['variables'],
    scope: RequestScope,
  ): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    return isSubscription(prepared)
      ? this.subscribe(prepared, variables, scope)
      : this.execute(prepared, variables, scope);
  }
}

export const isSubscription = ({ operation }: PreparedOperation): boolean =>
  operation.operation === OperationTypeNode.SUBSCRIPTION;

const isSigningIn = ({ operation, selectionSet }: OperationDefinitionNode): boolean =>
  operation === OperationTypeNode.MUTATION &&
  selectionSet.selections.every((field) => field.kind === Kind.FIELD && SIGNING_IN.has(field.name.value));

/** graphql-jit tells neither where in a variable a wrong value is, nor why it is wrong; graphql-js does. */
function problemsOf(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Variables,
): readonly GraphQLError[] | undefined {
  return getVariableValues(schema, variableDefinitions, variables, { maxErrors: MOST_PROBLEMS }).errors;
}

/**
 * Each result says where it ends. A source that fails ends with a last result that says why, instead of breaking the
 * connection.
 */
function endingWithError(
  results: AsyncGenerator<ExecutionResult, void, void>,
  scope: RequestScope,
): AsyncIterableIterator<ExecutionResult> {
  let isOver = false;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next(): Promise<IteratorResult<ExecutionResult>> {
      if (isOver) return { done: true, value: undefined };
      try {
        const { done, value } = await results.next();
        if (done) return { done, value: undefined };
        const { cursor } = scope;
        return { done: false, value: cursor ? { ...value, extensions: { ...value.extensions, cursor } } : value };
      } catch (error) {
        isOver = true;
        const originalError = error instanceof Error ? error : new Error(String(error));
        return {
          done: false,
          value: { errors: [new GraphQLError(originalError.message, { originalError })], data: null },
        };
      }
    },
    async return(): Promise<IteratorResult<ExecutionResult>> {
      isOver = true;
      await results.return();
      return { done: true, value: undefined };
    },
  };
}
