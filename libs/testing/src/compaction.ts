import fc from 'fast-check';
import { stateKeyOf, type EventContract, type EventEnvelope } from '#contracts';

/**
 * What may be left of a history on its state topic: in its order, with at least the last event under each key. Compaction
 * runs when it likes, so anything else may be there or not.
 */
export function compacted<Event extends EventEnvelope>(
  history: readonly Event[],
  contracts: readonly EventContract[],
): fc.Arbitrary<Event[]> {
  const byType = new Map(contracts.map((contract) => [contract.type, contract]));
  const keyOf = (event: Event): string =>
    stateKeyOf(byType.get(event.type) ?? event, event.subject, () => event.data as Record<string, unknown>);
  const last = new Set(new Map(history.map((event) => [keyOf(event), event])).values());
  const chance = fc.array(fc.boolean(), { minLength: history.length, maxLength: history.length });
  return chance.map((kept) => history.filter((event, index) => last.has(event) || kept[index] === true));
}

/**
 * What a projection may read when it is made anew from the states: what compaction has left, and then events from some
 * place on as they were published.
 */
export const rebuiltFrom = <Event extends EventEnvelope>(
  history: readonly Event[],
  contracts: readonly EventContract[],
): fc.Arbitrary<Event[]> =>
  fc
    .tuple(compacted(history, contracts), fc.nat(history.length))
    .map(([states, from]) => [...states, ...history.slice(from)]);

/** Events of aggregates, as a service publishes them: each aggregate's with versions 1, 2, 3 … in some interleaving. */
export function histories<Data>(
  data: (version: number, subject: string) => fc.Arbitrary<{ readonly contract: EventContract; readonly data: Data }>,
  subjects: readonly string[],
): fc.Arbitrary<EventEnvelope<string, Data>[]> {
  const steps = fc.array(fc.constantFrom(...subjects), { maxLength: 25 });
  return steps.chain((order) => {
    const versions = new Map<string, number>();
    const events = order.map((subject) => {
      const version = (versions.get(subject) ?? 0) + 1;
      versions.set(subject, version);
      return data(version, subject).map((told): EventEnvelope<string, Data> => ({
        id: `event_${subject}_${version}`,
        type: told.contract.type,
        source: `/${told.contract.owner}`,
        subject,
        version,
        key: subject,
        time: '2026-11-23T12:00:00.000Z',
        data: told.data,
      }));
    });
    return fc.tuple(...events);
  });
}

/** What a collection of copies holds after `copyAllIfNewer` of each of these, one by one. */
export function copiesAfter<Fields>(
  copies: readonly { readonly id: string; readonly version: number; readonly fields: Fields }[],
): ReadonlyMap<string, { readonly version: number; readonly fields: Fields }> {
  const documents = new Map<string, { version: number; fields: Fields }>();
  for (const { id, version, fields } of copies)
    if ((documents.get(id)?.version ?? 0) < version) documents.set(id, { version, fields });
  return documents;
}
