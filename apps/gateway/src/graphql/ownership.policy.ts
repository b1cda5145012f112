import { mergeTypeDefs } from '@graphql-tools/merge';
import {
  buildASTSchema,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  validateSchema,
  type DirectiveNode,
  type ObjectTypeExtensionNode,
  type TypeDefinitionNode,
  type TypeExtensionNode,
} from 'graphql';
import { FEDERATION, isExternal, SHARED, type Slice } from './slices.js';

const ROOTS = new Set(['Query', 'Mutation', 'Subscription']);

interface Owned {
  readonly slice: string;
  readonly node: TypeDefinitionNode;
}

/**
 * What federation would refuse, without a federation library: a type that two slices own, a field that two slices
 * answer, an extension of what is no entity, a slice that is no whole subgraph. Empty when all is well.
 */
export function ownershipProblems(slices: readonly Slice[]): string[] {
  const problems: string[] = [];
  const owners = ownersOf(slices, problems);
  problems.push(...fieldsAnsweredTwice(slices));
  for (const { name, document } of slices) {
    for (const node of document.definitions.filter(isTypeExtensionNode)) {
      problems.push(...problemsOfExtension(name, node, owners.get(node.name.value)));
    }
  }
  const shared = slices.find(({ name }) => name === SHARED);
  if (shared)
    problems.push(...slices.filter((slice) => slice !== shared).flatMap((slice) => asSubgraph(slice, shared)));
  return problems;
}

function ownersOf(slices: readonly Slice[], problems: string[]): Map<string, Owned> {
  const owners = new Map<string, Owned>();
  for (const { name: slice, document } of slices) {
    for (const node of document.definitions.filter(isTypeDefinitionNode)) {
      const name = node.name.value;
      const other = owners.get(name);
      if (other) problems.push(`${slice}: type ${name} is owned by ${other.slice} already`);
      else owners.set(name, { slice, node });
    }
  }
  return owners;
}

function fieldsAnsweredTwice(slices: readonly Slice[]): string[] {
  const answered = new Map<string, string>();
  const problems: string[] = [];
  for (const { name: slice, document } of slices) {
    for (const node of document.definitions) {
      if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.OBJECT_TYPE_EXTENSION) continue;
      for (const field of node.fields?.filter((one) => !isExternal(one)) ?? []) {
        const name = `${node.name.value}.${field.name.value}`;
        const other = answered.get(name);
        if (other) problems.push(`${slice}: field ${name} is answered by ${other} already`);
        answered.set(name, slice);
      }
    }
  }
  return problems;
}

function problemsOfExtension(slice: string, node: TypeExtensionNode, owner: Owned | undefined): string[] {
  const name = node.name.value;
  if (ROOTS.has(name)) return [];
  if (!owner) return [`${slice}: nobody owns type ${name}`];
  if (node.kind !== Kind.OBJECT_TYPE_EXTENSION) return [`${slice}: ${name} of ${owner.slice} is no object type`];
  const keys = keysOf(owner.node.directives);
  if (keys.length === 0) return [`${slice}: ${name} of ${owner.slice} has no @key, so that nobody may extend it`];
  return keysOf(node.directives).some((key) => keys.includes(key) && hasExternal(node, key))
    ? []
    : [`${slice}: the extension of ${name} lacks @key(fields: "${keys[0]}") and that field as @external`];
}

const hasExternal = (node: ObjectTypeExtensionNode, key: string): boolean =>
  node.fields?.some((field) => field.name.value === key && isExternal(field)) ?? false;

const keysOf = (directives: readonly DirectiveNode[] = []): string[] =>
  directives
    .filter(({ name }) => name.value === 'key')
    .map(({ arguments: [fields] = [] }) => (fields?.value.kind === Kind.STRING ? fields.value.value : ''));

/** The slice and the shared types alone: a valid schema, so that the slice refers to nothing that it does not declare. */
function asSubgraph(slice: Slice, shared: Slice): string[] {
  try {
    const merged = mergeTypeDefs([FEDERATION, shared.document, slice.document], { convertExtensions: true });
    const definitions = merged.definitions.filter(
      (node) =>
        node.kind !== Kind.SCHEMA_DEFINITION && !(node.kind === Kind.OBJECT_TYPE_DEFINITION && !node.fields?.length),
    );
    return validateSchema(buildASTSchema({ ...merged, definitions })).map(({ message }) => `${slice.name}: ${message}`);
  } catch (error) {
    return [`${slice.name}: ${error instanceof Error ? error.message : String(error)}`];
  }
}
