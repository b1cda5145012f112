import type { Api } from '../../support/api.js';
import { insist } from '../insist.js';

export interface Id {
  readonly id: string;
}

/** What somebody wrote. */
export interface Authored {
  readonly author: Id | null;
  readonly text: string;
}

export interface Connection<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** What follows a connection's arguments. */
export const page = (node: string): string => `{ nodes { ${node} } pageInfo { hasNextPage endCursor } }`;

/** How a list is read: a query with `$first` and `$after` that leads to it. */
export interface Listing<Data, Node> {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly in: (data: Data) => Connection<Node> | null | undefined;
}

const AT_ONCE = 4;
/** A list has no more pages: one that goes in circles is not followed for ever. */
const PAGES = 10_000;

/** Reads what the API shows, in pages of this size. */
export class Reading {
  constructor(private readonly pageSize: number) {}

  /** What is there, and the first pages of its lists. One answer that does not come in time is no reason to begin anew. */
  ask<Data>(api: Api, query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Data> {
    return insist(() => api.ask<Data>(query, { ...variables, first: this.pageSize }));
  }

  /** All nodes of a list, page after page, from a first one that is there. @throws where it can't be read to its end. */
  async all<Data, Node>(api: Api, { query, variables, in: within }: Listing<Data, Node>, first?: Connection<Node>) {
    const nodes: Node[] = [...(first?.nodes ?? [])];
    let at = first?.pageInfo ?? { hasNextPage: true, endCursor: null };
    for (let pages = 0; at.hasNextPage; pages++) {
      if (pages > PAGES) throw new Error(`the list does not end: ${query}`);
      const data: Data = await this.ask<Data>(api, query, { ...variables, after: at.endCursor });
      const connection = within(data);
      if (!connection) throw new Error(`there is no list: ${JSON.stringify(data)}`);
      nodes.push(...connection.nodes);
      at = connection.pageInfo;
    }
    return nodes;
  }

  /** Does something for each of these, some at a time; results are in their order. */
  async each<Item, Result>(items: readonly Item[], read: (item: Item) => Promise<Result>): Promise<Result[]> {
    const results: Result[] = [];
    const queue = [...items.entries()].toReversed();
    const work = async (): Promise<void> => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) results[next[0]] = await read(next[1]);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return results;
  }
}
