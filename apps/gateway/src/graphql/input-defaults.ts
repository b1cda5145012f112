import {
  getNullableType,
  isInputObjectType,
  isInputType,
  isListType,
  typeFromAST,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';

type Variables = Readonly<Record<string, unknown>>;

/**
 * The variables with the defaults of input fields that were left out. graphql-jit 0.8.9 takes a field without a value
 * for missing when its type is non-null, though it has a default.
 */
export function withInputDefaults(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Variables,
): Record<string, unknown> {
  const completed: Record<string, unknown> = { ...variables };
  for (const { variable, type: node } of variableDefinitions) {
    const name = variable.name.value;
    const type = typeFromAST(schema, node);
    if (name in completed && type && isInputType(type)) completed[name] = complete(type, completed[name]);
  }
  return completed;
}

function complete(given: GraphQLInputType, value: unknown): unknown {
  const type = getNullableType(given);
  if (value === null || value === undefined) return value;
  if (isListType(type)) {
    const item: GraphQLInputType = type.ofType;
    return Array.isArray(value) ? value.map((one) => complete(item, one)) : complete(item, value);
  }
  if (!isInputObjectType(type) || typeof value !== 'object' || Array.isArray(value)) return value;
  const completed: Record<string, unknown> = { ...value };
  for (const [name, field] of Object.entries(type.getFields())) {
    const one = completed[name];
    if (one === undefined && field.defaultValue !== undefined) completed[name] = field.defaultValue;
    else if (one !== undefined) completed[name] = complete(field.type, one);
  }
  return completed;
}
