import type { GroupProtocol } from './member-facts.js';

/** The names that every member speaks. */
export function commonProtocols(members: readonly (readonly GroupProtocol[])[]): Set<string> {
  const [first = [], ...others] = members.map((protocols) => new Set(protocols.map(({ name }) => name)));
  return new Set([...first].filter((name) => others.every((spoken) => spoken.has(name))));
}

/** Kafka's vote: each member names the first of its protocols that all speak; the most votes win. */
export function chooseProtocol(members: readonly (readonly GroupProtocol[])[]): string {
  const candidates = commonProtocols(members);
  const votes = new Map<string, number>();
  for (const protocols of members) {
    const vote = protocols.find(({ name }) => candidates.has(name));
    if (vote !== undefined) votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1);
  }
  const [winner] = [...votes].toSorted(([, one], [, other]) => other - one);
  return winner?.[0] ?? '';
}
