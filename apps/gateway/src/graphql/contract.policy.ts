import {
  buildSchema,
  findBreakingChanges,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';

/** One described thing of a schema: a type, field, argument or enum value. */
interface Element {
  readonly at: string;
  /** Type and default value, printed; empty where there are none. */
  readonly shape: string;
  readonly description: string;
}

/**
 * How a schema differs from the contract that clients were written against. Beyond what breaks a query, nullability
 * must be the same both ways (what another service answers stays nullable, so that a page survives without it), and so
 * must defaults and descriptions. Additions are free. Empty when all is well.
 */
export function contractProblems(contractSdl: string, schema: GraphQLSchema): string[] {
  const contract = buildSchema(contractSdl);
  const actual = new Map(elementsOf(schema).map((element) => [element.at, element]));
  const differences = elementsOf(contract).flatMap(({ at, shape, description }) => {
    const found = actual.get(at);
    if (!found) return [`${at} is missing`];
    const problems = found.shape === shape ? [] : [`${at} is ${found.shape}, not ${shape}`];
    return description && !found.description.startsWith(description)
      ? [...problems, `${at} is described otherwise`]
      : problems;
  });
  const breaking = findBreakingChanges(contract, schema).map((change) => change.description);
  return [...new Set([...breaking, ...differences])];
}

/** Every type, field, argument and enum value that clients see without a word about it. */
export const undescribed = (schema: GraphQLSchema): string[] =>
  elementsOf(schema)
    .filter(({ description }) => description.trim() === '')
    .map(({ at }) => `${at} has no description`);

const elementsOf = (schema: GraphQLSchema): Element[] =>
  Object.values(schema.getTypeMap())
    .filter((type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type))
    .flatMap((type) => [{ at: type.name, shape: '', description: type.description ?? '' }, ...membersOf(type)]);

function membersOf(type: GraphQLNamedType): Element[] {
  if (isEnumType(type)) {
    return type.getValues().map(({ name, description }) => element(`${type.name}.${name}`, '', description));
  }
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map((field) =>
      element(`${type.name}.${field.name}`, shapeOf(field.type, field.defaultValue), field.description),
    );
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => {
    const at = `${type.name}.${field.name}`;
    const args = field.args.map((arg) =>
      element(`${at}(${arg.name})`, shapeOf(arg.type, arg.defaultValue), arg.description),
    );
    return [element(at, shapeOf(field.type, undefined), field.description), ...args];
  });
}

const element = (at: string, shape: string, description: string | null | undefined): Element => ({
  at,
  shape,
  description: description ?? '',
});

const shapeOf = (type: Parameters<typeof getNamedType>[0], defaultValue: unknown): string =>
  `${String(type)}${defaultValue === undefined ? '' : ` = ${JSON.stringify(defaultValue)}`}`;
