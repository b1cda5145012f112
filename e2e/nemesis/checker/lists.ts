const NAMED = 3;

/** What is wrong with a list that should have these entries in this order. */
export function compareLists(what: string, shown: readonly string[], expected: readonly string[]): string[] {
  const [there, due] = [new Set(shown), new Set(expected)];
  const missing = expected.filter((one) => !there.has(one));
  const strange = [...there].filter((one) => !due.has(one));
  if (missing.length > 0) return [`${what} lacks ${some(missing)}`];
  if (strange.length > 0) return [`${what} has ${some(strange)}, which its events do not give it`];
  if (there.size < shown.length) return [`${what} has ${shown.length - there.size} entries twice`];
  return shown.every((one, index) => one === expected[index]) ? [] : [`${what} is in another order`];
}

const some = (ids: readonly string[]): string =>
  ids.slice(0, NAMED).join() + (ids.length > NAMED ? ` and ${ids.length - NAMED} more` : '');

/** Ids of one type sort by the moment they were made. */
export const newestFirst = (ids: Iterable<string>): string[] => [...ids].toSorted().toReversed();

/** Those with a greater time come first; of the same time, as they are shown: nothing says which comes first. */
export function latestFirst(times: ReadonlyMap<string, string>, shown: readonly string[]): string[] {
  const places = new Map(shown.map((id, index) => [id, index]));
  const placeOf = (id: string): number => places.get(id) ?? Infinity;
  return [...times]
    .toSorted(([id, at], [other, atOther]) => (at === atOther ? placeOf(id) - placeOf(other) : at < atOther ? 1 : -1))
    .map(([id]) => id);
}

/** Adds to a list that is kept under a key. */
export function addTo<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const known = lists.get(key);
  if (known) known.push(item);
  else lists.set(key, [item]);
}
