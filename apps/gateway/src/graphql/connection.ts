import type { Page, PageInput } from '#contracts';
import { BadInputError } from '#service-kit';

export interface PageArgs {
  first?: number | null;
  after?: string | null;
}

const DEFAULT_FIRST = 20;
const MAX_FIRST = 100;
const MAX_CURSOR = 400;

/** Errors: BadInputError. */
export function pageInput({ first, after }: PageArgs): PageInput {
  const size = first ?? DEFAULT_FIRST;
  if (size < 1 || size > MAX_FIRST) throw new BadInputError(`first is ${size}; it can be 1 to ${MAX_FIRST}`);
  if (after && after.length > MAX_CURSOR) throw new BadInputError('after is no cursor of this list');
  return { first: size, after: after || null };
}

export interface Connection<Node> {
  readonly edges: readonly { cursor: string; node: Node }[];
  readonly nodes: readonly Node[];
  readonly pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
}

/** A page as Relay has it. */
export const connectionOf = <Node>(page: Page<Node>, { after }: PageArgs): Connection<Node> => ({
  edges: page.items,
  nodes: page.items.map(({ node }) => node),
  pageInfo: {
    hasNextPage: page.hasNextPage,
    hasPreviousPage: Boolean(after),
    startCursor: page.items[0]?.cursor ?? null,
    endCursor: page.items.at(-1)?.cursor ?? null,
  },
});
