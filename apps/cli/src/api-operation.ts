import { z } from 'zod';

/** A document of the API, with what is read of its answer. */
export interface ApiQuery<Output> {
  readonly document: string;
  readonly output: z.ZodType<Output>;
}
/** A mutation whose result is a union of one good type and user errors. */
export interface ApiMutation<Output> extends ApiQuery<Output> {
  /** The field of Mutation. */
  readonly field: string;
  /** The good one of the result's types. */
  readonly type: string;
}

/** `query(document, output)`: output is the whole `data`. */
export const query = <Output>(document: string, output: z.ZodType<Output>): ApiQuery<Output> => ({ document, output });

/**
 * `mutation('createPost', 'Post', z.object({ id: z.string() }))`: what is selected of the good type follows from what is
 * read of it. The input type is the field's name with `Input`, unless given.
 */
export function mutation<Output>(
  field: string,
  type: string,
  output: z.ZodType<Output>,
  { inputType = `${capitalised(field)}Input`, onFailure = 'code message' } = {},
): ApiMutation<Output> {
  const document = `mutation ${capitalised(field)}($input: ${inputType}!) {
  ${field}(input: $input) { __typename ... on ${type} ${selectionOf(output)} ... on UserError { ${onFailure} } }
}`;
  return { field, type, document, output };
}

/** The fields of an object schema as a GraphQL selection, through lists and null; nothing for a scalar. */
export function selectionOf(schema: unknown): string {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional) return selectionOf(schema.unwrap());
  if (schema instanceof z.ZodArray) return selectionOf(schema.element);
  if (!(schema instanceof z.ZodObject)) return '';
  const fields = Object.entries(schema.shape).map(([name, inner]) => [name, selectionOf(inner)].join(' ').trim());
  return `{ ${fields.join(' ')} }`;
}

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
