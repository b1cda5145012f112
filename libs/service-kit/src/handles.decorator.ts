import type { OperationContract } from '#contracts';
import type { OperationContext } from './operation-context.js';

type Handler<Input, Output> = (input: Input, context: OperationContext) => Promise<Output> | Output;

/** A method that answers an operation, as the decorator recorded it. */
export interface HandlerRecord {
  readonly contract: OperationContract;
  readonly method: string;
}

const HANDLERS = Symbol('operation handlers');

/**
 * Marks a controller's method as the one that answers an operation; input and output are checked against the contract
 * by the compiler.
 * ```ts
 * @Handles(ProductsByIds)
 * async productsByIds(input: InputOf<typeof ProductsByIds>, context: OperationContext) { … }
 * ```
 */
export const Handles =
  <Input, Output>(contract: OperationContract<Input, Output>) =>
  <Method extends Handler<Input, Output>>(
    target: object,
    method: string,
    _descriptor: TypedPropertyDescriptor<Method>,
  ): void => {
    const inherited = handlersOf(target);
    Reflect.defineMetadata(HANDLERS, [...inherited, { contract, method }], target);
  };

/** The operations that an instance (or prototype) answers. */
export const handlersOf = (target: object): readonly HandlerRecord[] =>
  (Reflect.getMetadata(HANDLERS, target) as readonly HandlerRecord[] | undefined) ?? [];
