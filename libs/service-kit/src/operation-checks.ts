import { z } from 'zod';
import { invalidInput, type InvalidInput, type OperationContract } from '#contracts';
import { isPlatform, type Caller } from './caller.js';
import { problemOf } from './problem.js';
import { BadInputError, ForbiddenError, UnauthenticatedError } from './service-errors.js';

/** Errors: UnauthenticatedError, ForbiddenError. */
export function checkAccess({ access }: OperationContract, caller: Caller | null): void {
  if (access === 'anyone') return;
  if (!caller) throw new UnauthenticatedError();
  if (access === 'platform' && !isPlatform(caller)) throw new ForbiddenError('This is for the platform role');
}

/**
 * The input as the contract's schema reads it, or what is wrong with it where the contract has a result for that.
 * Errors: BadInputError where it has none.
 */
export function checkInput(
  contract: OperationContract,
  given: unknown,
): { readonly input: unknown } | { readonly invalid: InvalidInput & { __typename: 'InvalidInput' } } {
  const parsed = contract.input.safeParse(given, { error: problemOf });
  if (parsed.success) return { input: parsed.data };
  const invalid = invalidInput(
    parsed.error.issues.map(({ path, message }) => ({ path: path.map(String), problem: message })),
  );
  if (hasResult(contract, 'InvalidInput')) return { invalid };
  throw new BadInputError(invalid.message);
}

const names = new WeakMap<OperationContract, ReadonlySet<unknown>>();

/** Whether the operation's result can be of this GraphQL type. */
export function hasResult(contract: OperationContract, typename: string): boolean {
  const known = names.get(contract) ?? typenamesOf(contract.output);
  names.set(contract, known);
  return known.has(typename);
}

function typenamesOf(output: z.ZodType): ReadonlySet<unknown> {
  const options = output instanceof z.ZodUnion ? output.options : [output];
  const literals = options.flatMap((option) =>
    option instanceof z.ZodObject && option.shape.__typename instanceof z.ZodLiteral
      ? [...option.shape.__typename.values]
      : [],
  );
  return new Set(literals);
}

/** The key that makes a command idempotent, if it came with one. */
export function clientKeyOf({ kind }: OperationContract, input: unknown): string | undefined {
  if (kind !== 'command' || typeof input !== 'object' || input === null) return undefined;
  const key = 'clientMutationKey' in input ? input.clientMutationKey : undefined;
  return typeof key === 'string' ? key : undefined;
}
