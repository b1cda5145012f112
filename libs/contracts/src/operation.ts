import { z } from 'zod';
import type { ServiceName } from './envelope.js';

/**
 * Who may call an operation. `anyone`: no token needed; `signed-in`: an account; `platform`: the platform role.
 * Finer rights (one's own order, a merchant's staff) are the handler's to check.
 */
export type Access = 'anyone' | 'signed-in' | 'platform';

/** A question or a command that a service answers. */
export interface OperationContract<Input = unknown, Output = unknown> {
  /** `catalog.productsByIds` */
  readonly name: string;
  readonly service: ServiceName;
  readonly kind: 'query' | 'command';
  readonly access: Access;
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  /** What it does and answers, in one sentence. */
  readonly description: string;
}

export type InputOf<Contract> = Contract extends OperationContract<infer Input, unknown> ? Input : never;
export type OutputOf<Contract> = Contract extends OperationContract<infer _, infer Output> ? Output : never;

interface Definition<Input extends z.ZodType, Output extends z.ZodType> {
  name: string;
  access: Access;
  input: Input;
  output: Output;
  description: string;
}

const define =
  (kind: 'query' | 'command') =>
  <Input extends z.ZodType, Output extends z.ZodType>(
    definition: Definition<Input, Output>,
  ): OperationContract<z.infer<Input>, z.infer<Output>> => ({
    ...definition,
    kind,
    service: definition.name.slice(0, definition.name.indexOf('.')) as ServiceName,
    input: definition.input as z.ZodType<z.infer<Input>>,
    output: definition.output as z.ZodType<z.infer<Output>>,
  });

/** Reads only. */
export const defineQuery = define('query');

/**
 * Changes something. A command whose input has a `clientMutationKey` is idempotent for its caller: the service kit keeps
 * its first result for 24 h and answers IdempotencyConflict when the key comes back with another input.
 */
export const defineCommand = define('command');

/** The input part that makes a command idempotent. */
export const ClientMutationKey = z.string().min(1).max(200).nullish();
