import * as jit from 'graphql-jit';
import {
  getOperationAST,
  GraphQLError,
  Kind,
  OperationTypeNode,
  parse,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { LruMap } from './lru-map.js';
import { brokenLimit, LIMITS, measure, tooComplex, type Measured } from './limits.js';

/** An operation that was found valid and within the limits, ready to run with any variables. */
export interface PreparedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | undefined;
  readonly measured: Measured;
  /** Undefined where the compiler can't help: subscriptions, and documents that it does not understand. */
  readonly compiled: jit.CompiledQuery | undefined;
}

/** Why an operation can't run: the client's mistakes, each with its code. */
export class RefusedError extends Error {
  readonly code = 'GATEWAY.REFUSED';
  constructor(readonly errors: readonly GraphQLError[]) {
    super(errors.map(({ message }) => message).join('; '));
  }
}

/** Parses, validates, measures and compiles each document once, and keeps the ones used last. */
export class PreparedOperations {
  private readonly kept = new LruMap<string, PreparedOperation>(LIMITS.keptDocuments);

  constructor(private readonly schema: GraphQLSchema) {}

  get size(): number {
    return this.kept.size;
  }

  /** `parsed` spares a second parsing where the caller has done it. Errors: RefusedError. */
  prepare(source: string, operationName?: string | null, parsed?: DocumentNode): PreparedOperation {
    const key = `${operationName ?? ''}\n${source}`;
    const known = this.kept.get(key);
    if (known) return known;
    const prepared = this.make(parsed ?? parseWithin(source), operationName ?? undefined);
    if (source.length <= LIMITS.keptDocumentChars) this.kept.set(key, prepared);
    return prepared;
  }

  private make(document: DocumentNode, operationName: string | undefined): PreparedOperation {
    const operation = getOperationAST(document, operationName);
    const measured = this.measureAll(document);
    const invalid = validate(this.schema, document);
    if (invalid.length > 0) throw new RefusedError(invalid.map(asInvalid));
    if (!operation) throw new RefusedError([noSuchOperation(operationName)]);
    const own = measured.get(operation) ?? measure(this.schema, document, operation);
    return {
      document,
      operation,
      operationName,
      measured: own,
      compiled: this.compile(document, operation, operationName),
    };
  }

  /** All operations of a document are validated, so all must be small enough first. */
  private measureAll(document: DocumentNode): Map<OperationDefinitionNode, Measured> {
    const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
    const measured = new Map(operations.map((operation) => [operation, measure(this.schema, document, operation)]));
    for (const one of measured.values()) {
      const broken = brokenLimit(one);
      if (broken) throw new RefusedError([broken]);
    }
    return measured;
  }

  private compile(
    document: DocumentNode,
    { operation }: OperationDefinitionNode,
    operationName: string | undefined,
  ): jit.CompiledQuery | undefined {
    if (operation === OperationTypeNode.SUBSCRIPTION) return undefined;
    try {
      const compiled = jit.compileQuery(this.schema, document, operationName);
      return jit.isCompiledQuery(compiled) ? compiled : undefined;
    } catch {
      // What the compiler does not understand, graphql-js does.
      return undefined;
    }
  }
}

function parseWithin(source: string): DocumentNode {
  try {
    return parse(source, { maxTokens: LIMITS.tokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw new RefusedError([tooComplex('The operation is nested too deeply')]);
    throw new RefusedError([
      error.message.includes(`${LIMITS.tokens} tokens`) ? tooComplex(error.message) : asInvalid(error),
    ]);
  }
}

const asInvalid = (error: GraphQLError): GraphQLError =>
  new GraphQLError(error.message, {
    nodes: error.nodes,
    source: error.source,
    positions: error.positions,
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
  });

const noSuchOperation = (name: string | undefined): GraphQLError =>
  new GraphQLError(
    name ? `The document has no operation ${name}` : 'The document has several operations: say which in operationName',
    { extensions: { code: 'BAD_USER_INPUT' } },
  );
