import { isDeepStrictEqual } from 'node:util';

/** What one event tells of an aggregate, for the case that the aggregate's own document is gone or wrong. */
export interface KnownState<State> {
  /** The aggregate. */
  readonly id: string;
  /** The aggregate's version after the event. */
  readonly version: number;
  /**
   * The state with what the event says. It must come to the same in whatever order the events of an aggregate are given:
   * where a newer one is known already, `isNewest` is false, and only what no other event says may be taken from it.
   * @param present undefined when nothing is known of it yet.
   */
  readonly apply: (present: State | undefined, isNewest: boolean) => State;
}

/** An aggregate as far as it is known. */
export interface Restored<State> {
  readonly version: number;
  readonly state: State | undefined;
}

/** Takes what several events of one aggregate tell into what is there. Never goes back to an older version. */
export function restoredFrom<State>(present: Restored<State>, known: readonly KnownState<State>[]): Restored<State> {
  let { version, state } = present;
  for (const one of known.toSorted((a, b) => a.version - b.version)) {
    state = one.apply(state, one.version >= version);
    version = Math.max(version, one.version);
  }
  return { version, state };
}

/** What differs between two states, as an update; `any` is false when nothing does. */
export function changedFields(before: object, next: object, reserved: ReadonlySet<string>) {
  const old = new Map<string, unknown>(Object.entries(before));
  const set: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(next)) {
    if (reserved.has(field)) throw new TypeError(`a state has no field ${field}`);
    if (value !== undefined && !isDeepStrictEqual(value, old.get(field))) set[field] = value;
  }
  const kept = new Set(Object.entries(next).flatMap(([field, value]) => (value === undefined ? [] : [field])));
  const gone = [...old.keys()].filter((field) => !kept.has(field));
  const unset = Object.fromEntries(gone.map((field): [string, ''] => [field, '']));
  return { set, unset, any: Object.keys(set).length + Object.keys(unset).length > 0 };
}

/** Of an event that tells all there is. */
export const newestTold = <State>(id: string, version: number, state: State): KnownState<State> => ({
  id,
  version,
  apply: (present, isNewest) => (isNewest || present === undefined ? state : present),
});
