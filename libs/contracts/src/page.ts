import { z } from 'zod';

/** Asks for one page of a list: `after` is a cursor that an earlier page gave. */
export const PageInput = z.object({ first: z.int().min(0).max(100), after: z.string().max(400).nullish() });
export type PageInput = z.infer<typeof PageInput>;

/** One page. Each item has its own cursor; the cursor is opaque to everyone but the service that made it. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(z.object({ cursor: z.string(), node: item })),
    hasNextPage: z.boolean(),
  });
export interface Page<Item> {
  items: { cursor: string; node: Item }[];
  hasNextPage: boolean;
}
