import { histories, type Check, type Message, type Recording } from './recording.js';

/** Every aggregate's versions are 1..n, each one event, and come first in that order, in one partition; n is its own. */
export const checkVersions: Check = (recording) => [
  ...[...new Set(recording.messages.map(({ topic }) => topic))].flatMap((topic) =>
    [...histories(recording, topic)].flatMap(([subject, history]) => gapsOf(topic, subject, history)),
  ),
  ...changedCopies(recording),
  ...lostTails(recording),
];

function gapsOf(topic: string, subject: string, history: readonly Message[]): string[] {
  const problems = history.flatMap(({ version }, index) =>
    version === index + 1 ? [] : [`${topic} ${subject}: version ${version} came as number ${index + 1}`],
  );
  const partitions = new Set(history.map(({ partition }) => partition));
  if (partitions.size > 1) problems.push(`${topic} ${subject} lies in ${partitions.size} partitions`);
  // One break shifts all that follows.
  return problems.slice(0, 3);
}

/** A copy of an event says the same as the first. */
function changedCopies({ messages }: Recording): string[] {
  const first = new Map<string, Message>();
  return messages.flatMap((message) => {
    const known = first.get(message.eventId);
    if (known === undefined) first.set(message.eventId, message);
    const same = known === undefined || (known.value === message.value && known.version === message.version);
    return same ? [] : [`${message.topic} ${message.subject}: ${message.eventId} was sent again with another content`];
  });
}

/**
 * The last events of an aggregate leave no gap where they are lost: its own version tells how many there were. An id may
 * name aggregates of two services, a product and its rating, each with a topic of its own.
 */
function lostTails({ messages, aggregates }: Recording): string[] {
  const told = new Map<string, Map<string, number>>();
  for (const { topic, subject, version, poison } of messages) {
    if (poison) continue;
    const known = told.get(subject) ?? new Map<string, number>();
    told.set(subject, known.set(topic, Math.max(known.get(topic) ?? 0, version)));
  }
  return aggregates.flatMap(({ place, id, version }) => {
    const ends = [...(told.get(id)?.values() ?? [])];
    return ends.includes(version) ? [] : [`${place} ${id} has version ${version}, topics say ${ends.join() || 'none'}`];
  });
}
