import type { Setting } from '../log/topic-config.js';

/** Kafka's numbers for what the value of a setting is, for clients that show it. */
export const ValueType = { boolean: 1, string: 2, int: 3, long: 5, double: 6, list: 7 } as const;

/** Where Kafka declares another type than what the setting may hold here suggests. */
const declaredOtherwise: Readonly<Record<string, number>> = {
  'compression.gzip.level': ValueType.int,
  'remote.storage.enable': ValueType.boolean,
};

export function valueTypeOf(name: string, { kind }: Pick<Setting, 'kind'>): number {
  const declared = declaredOtherwise[name];
  if (declared !== undefined) return declared;
  if (typeof kind === 'object') return 'oneOf' in kind ? ValueType.string : ValueType.list;
  if (kind === 'replicas') return ValueType.list;
  return kind === 'number' ? ValueType.double : ValueType[kind];
}
