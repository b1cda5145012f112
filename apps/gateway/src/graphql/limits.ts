import {
  getNamedType,
  getNullableType,
  GraphQLError,
  isListType,
  isObjectType,
  Kind,
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** How much one request may ask for. */
export const LIMITS = {
  bodyBytes: 1024 * 1024,
  tokens: 3000,
  depth: 15,
  aliases: 50,
  cost: 10_000,
  /** Documents that are longer run, but are not kept. */
  keptDocumentChars: 20_000,
  keptDocuments: 1000,
} as const;

/** What a field costs beyond its children: one call to a service for a list of its own. */
const CONNECTION_COST = 5;
/** How many entries a list without pages is taken to have. */
const LIST_LENGTH = 4;
const DEFAULT_PAGE = 20;

export const tooComplex = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'OPERATION_TOO_COMPLEX' } });

/** How many objects a field can lead to, as a tree that is evaluated with the variables of each request. */
interface CostNode {
  readonly own: number;
  /** How often the children come: a number, or the variable that says it. */
  readonly times: number | { readonly variable: string; readonly otherwise: number };
  readonly children: readonly CostNode[];
}

export interface Measured {
  readonly depth: number;
  readonly aliases: number;
  /** Objects that the operation can lead to, with these variables. */
  cost(variables: Readonly<Record<string, unknown>>): number;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;
interface Subtree {
  readonly depth: number;
  readonly aliases: number;
  readonly nodes: readonly CostNode[];
}
const NOTHING: Subtree = { depth: 0, aliases: 0, nodes: [] };

/** Measures an operation of a document that may still be invalid: what the schema does not know counts as a leaf. */
export function measure(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Measured {
  const fragments: Fragments = new Map(
    document.definitions
      .filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((node) => [node.name.value, node]),
  );
  const root = schema.getRootType(operation.operation) ?? undefined;
  const subtree = new Measuring(schema, fragments).selections(operation.selectionSet, root);
  return {
    depth: subtree.depth,
    aliases: subtree.aliases,
    cost: (variables) => costOf(subtree.nodes, variables, new Map()),
  };
}

/** The first limit that an operation breaks, if it breaks one. Cheap: it comes before validation. */
export function brokenLimit({ depth, aliases }: Measured): GraphQLError | undefined {
  if (depth > LIMITS.depth)
    return tooComplex(`The operation is ${depth} levels deep; at most ${LIMITS.depth} are allowed`);
  if (aliases > LIMITS.aliases)
    return tooComplex(`The operation has ${aliases} aliases; at most ${LIMITS.aliases} are allowed`);
  return undefined;
}

export function tooCostly(measured: Measured, variables: Readonly<Record<string, unknown>>): GraphQLError | undefined {
  const cost = measured.cost(variables);
  if (cost <= LIMITS.cost) return undefined;
  return tooComplex(
    `The operation can lead to ${cost} objects; at most ${LIMITS.cost} are allowed. Ask for smaller pages`,
  );
}

/** Each fragment is measured once for each type, so that fragments within fragments cost no more than their text. */
class Measuring {
  private readonly known = new Map<string, Subtree>();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly fragments: Fragments,
  ) {}

  selections({ selections }: SelectionSetNode, parent: GraphQLNamedType | undefined): Subtree {
    const parts = selections.map((selection) => {
      if (selection.kind === Kind.FIELD) return this.field(selection, parent);
      if (selection.kind === Kind.FRAGMENT_SPREAD) return this.fragment(selection.name.value);
      const type = selection.typeCondition ? this.schema.getType(selection.typeCondition.name.value) : parent;
      return this.selections(selection.selectionSet, type);
    });
    return {
      depth: parts.reduce((depth, part) => Math.max(depth, part.depth), 0),
      aliases: parts.reduce((aliases, part) => Math.min(aliases + part.aliases, LIMITS.aliases * 100), 0),
      nodes: parts.flatMap((part) => part.nodes),
    };
  }

  private fragment(name: string): Subtree {
    const known = this.known.get(name);
    if (known) return known;
    const fragment = this.fragments.get(name);
    if (!fragment) return NOTHING;
    // A fragment within itself is for validation to refuse.
    this.known.set(name, NOTHING);
    const subtree = this.selections(fragment.selectionSet, this.schema.getType(fragment.typeCondition.name.value));
    // One node stands for the whole fragment wherever it is spread: the tree stays as small as the text.
    const shared = {
      ...subtree,
      nodes: subtree.nodes.length > 0 ? [{ own: 0, times: 1, children: subtree.nodes }] : [],
    };
    this.known.set(name, shared);
    return shared;
  }

  private field(field: FieldNode, parent: GraphQLNamedType | undefined): Subtree {
    const aliases = field.alias ? 1 : 0;
    const name = field.name.value;
    if (name.startsWith('__')) return { depth: 0, aliases, nodes: [] };
    const definition = isObjectType(parent) ? parent.getFields()[name] : undefined;
    const type = definition && getNamedType(definition.type);
    if (!field.selectionSet) return { depth: 1, aliases, nodes: [] };
    const below = this.selections(field.selectionSet, type);
    const isPaged = definition?.args.some((arg) => arg.name === 'first') ?? false;
    const isPlainList =
      definition !== undefined && isListType(getNullableType(definition.type)) && !parent?.name.endsWith('Connection');
    const node: CostNode = {
      own: isPaged ? CONNECTION_COST : 1,
      times: isPaged ? pageSize(field.arguments) : isPlainList ? LIST_LENGTH : 1,
      children: below.nodes,
    };
    return { depth: below.depth + 1, aliases: aliases + below.aliases, nodes: [node] };
  }
}

function pageSize(args: readonly ArgumentNode[] = []): CostNode['times'] {
  const value = args.find(({ name }) => name.value === 'first')?.value;
  if (value?.kind === Kind.VARIABLE) return { variable: value.name.value, otherwise: DEFAULT_PAGE };
  return value?.kind === Kind.INT ? Math.max(1, Number(value.value)) : DEFAULT_PAGE;
}

function costOf(
  nodes: readonly CostNode[],
  variables: Readonly<Record<string, unknown>>,
  known: Map<CostNode, number>,
): number {
  return nodes.reduce((sum, node) => {
    let cost = known.get(node);
    if (cost === undefined) {
      cost = node.own + timesOf(node.times, variables) * costOf(node.children, variables, known);
      known.set(node, cost);
    }
    return sum + cost;
  }, 0);
}

function timesOf(times: CostNode['times'], variables: Readonly<Record<string, unknown>>): number {
  if (typeof times === 'number') return times;
  const given = variables[times.variable];
  return typeof given === 'number' && Number.isFinite(given) ? Math.max(1, given) : times.otherwise;
}
