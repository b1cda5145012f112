import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

const refuse = (message: string): never => {
  throw new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
};

const safeInteger = (value: unknown): number =>
  Number.isSafeInteger(value)
    ? Number(value)
    : refuse(`SafeInt can't be ${JSON.stringify(value)}: it is an integer up to 2^53 - 1`);

export const SafeInt = new GraphQLScalarType<number, number>({
  name: 'SafeInt',
  description: 'Integer up to 2^53 - 1.',
  serialize: safeInteger,
  parseValue: safeInteger,
  parseLiteral: (node) => safeInteger(node.kind === Kind.INT ? Number(node.value) : undefined),
});

const textOf = (name: string, node: ValueNode): string =>
  node.kind === Kind.STRING ? node.value : refuse(`${name} is written as a string`);

/** A string with a meaning. The service that gets it says what is wrong with it, with its path in the input. */
const textScalar = (name: string, description: string): GraphQLScalarType<string, string> =>
  new GraphQLScalarType<string, string>({
    name,
    description,
    serialize: String,
    parseValue: (value) => (typeof value === 'string' ? value : refuse(`${name} is written as a string`)),
    parseLiteral: (node) => textOf(name, node),
  });

export const CurrencyCode = textScalar('CurrencyCode', 'ISO 4217.');
export const Url = textScalar('URL', 'An absolute http or https address.');
export const DateTime = textScalar('DateTime', 'RFC 3339, UTC, milliseconds.');
