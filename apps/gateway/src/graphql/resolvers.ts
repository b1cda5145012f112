import type { GraphQLScalarType } from 'graphql';
import type { OperationContract } from '#contracts';
import type { RequestScope } from '../context/request-scope.js';

/** Method syntax: each resolver names the source and arguments that its field has, which the schema vouches for. */
interface Field {
  resolve(source: unknown, args: unknown, scope: RequestScope): unknown;
}
interface Live {
  subscribe(source: unknown, args: unknown, scope: RequestScope): Promise<AsyncIterableIterator<unknown>>;
  resolve(source: unknown): unknown;
}
export type FieldResolver = Field['resolve'];
/** The resolvers of a slice, by type and field. What is not here is read from the source by its name. */
export type ResolverMap = Readonly<Record<string, GraphQLScalarType | Readonly<Record<string, FieldResolver | Live>>>>;

/** Fields of the root types have no source. */
export type Root = unknown;

/** A mutation that is one command: its result is a member of the mutation's union already. */
export const command =
  <Input, Output>(contract: OperationContract<Input, Output>) =>
  (_: Root, { input }: { input: Input }, scope: RequestScope): Promise<Output> =>
    scope.command(contract, input);

/** A subscription field whose values come as they are. */
export const live = <Args>(
  subscribe: (source: Root, args: Args, scope: RequestScope) => Promise<AsyncIterableIterator<unknown>>,
): Live => ({ subscribe, resolve: (source: unknown) => source });
