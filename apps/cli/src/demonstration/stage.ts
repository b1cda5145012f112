import type { ApiClient } from '../api-client.js';
import { VERSION } from './content.js';

export interface Member {
  readonly client: ApiClient;
  readonly profileId: string;
}
/** The people of the demonstration, signed in, by key. */
export type Cast = ReadonlyMap<string, Member>;

/** The clientMutationKey of one act: the same in every run. */
export const keyOf = (...act: readonly string[]): string => ['demonstration', VERSION, ...act].join(':');

/** Errors: RangeError, when the content names what it does not have. */
export function named<Thing>(things: ReadonlyMap<string, Thing>, key: string): Thing {
  const thing = things.get(key);
  if (thing === undefined) throw new RangeError(`the demonstration has no ${key}`);
  return thing;
}

/** Does all at once. */
export const atOnce = async <Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> => Promise.all(items.map(act));
