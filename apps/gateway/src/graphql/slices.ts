import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mergeTypeDefs } from '@graphql-tools/merge';
import {
  buildASTSchema,
  Kind,
  parse,
  printSchema,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
} from 'graphql';

/** One service's part of the API. Adding a service adds a folder with its SDL, and its name here. */
export interface Slice {
  readonly name: string;
  readonly document: DocumentNode;
}

export const SHARED = 'shared';
const SLICES = [SHARED, 'identity', 'catalog', 'social-feed', 'order', 'reputation', 'operations'];

/** The part of federation's language that the slices use. */
export const FEDERATION = parse(`
  directive @key(fields: String!) repeatable on OBJECT
  directive @external on FIELD_DEFINITION
`);
const FEDERATION_NAMES = new Set(['key', 'external']);

const sourceOf = (name: string): string =>
  readFileSync(join(import.meta.dirname, '..', name, `${name}.graphql`), 'utf8');

export const readSlices = (): Slice[] =>
  SLICES.map((name) => ({ name, document: parse(sourceOf(name), { noLocation: true }) }));

export const isExternal = (field: FieldDefinitionNode): boolean =>
  field.directives?.some(({ name }) => name.value === 'external') ?? false;

const isFederation = ({ name }: DirectiveNode): boolean => FEDERATION_NAMES.has(name.value);

/** What a slice says for clients: without federation's directives and the fields that it only refers to. */
const forClients = (document: DocumentNode): DocumentNode =>
  visit(document, {
    FieldDefinition: (field) => (isExternal(field) ? null : undefined),
    Directive: (directive) => (isFederation(directive) ? null : undefined),
    ObjectTypeExtension: {
      leave: (node) => (node.fields?.length || node.directives?.length ? undefined : null),
    },
  });

/** All slices as one document. */
export function composeTypeDefs(slices: readonly Slice[]): DocumentNode {
  const merged = mergeTypeDefs(slices.map(({ document }) => forClients(document)));
  return { ...merged, definitions: merged.definitions.filter(({ kind }) => kind !== Kind.SCHEMA_DEFINITION) };
}

/** The SDL that is committed as `schema.graphql`. */
export const composeSdl = (slices: readonly Slice[]): string =>
  `${printSchema(buildASTSchema(composeTypeDefs(slices)))}\n`;
