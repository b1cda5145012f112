import type { EventContract } from './envelope.js';

/**
 * The compacted topic beside a topic of events. It keeps the last event of each type of each aggregate, for as long as
 * there is one: what is lost is only what a later event of the same kind supersedes. Readers that never saw the events
 * themselves begin with it.
 */
export const stateTopicOf = (topic: string): string => `${topic}.state`;

/**
 * The key on the state topic: `product_…/price.changed/variant_…`. What has the same one supersedes what was before.
 * @param data of the event; only read where the contract tells events apart by it.
 */
export function stateKeyOf(
  { type, stateBy = [] }: Pick<EventContract, 'type' | 'stateBy'>,
  subject: string,
  data: () => Readonly<Record<string, unknown>>,
): string {
  const fields = stateBy.length === 0 ? [] : valuesOf(data(), stateBy);
  return [subject, type, ...fields].join('/');
}

const valuesOf = (data: Readonly<Record<string, unknown>>, names: readonly string[]): string[] =>
  names.map((name) => encodeURIComponent(textOf(data[name])));

const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
