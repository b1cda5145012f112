import { histories, type Check, type Message, type Recording } from './recording.js';

/** Every aggregate's versions are 1..n, each one event, and come first in that order, in one partition. */
export const checkVersions: Check = (recording) => [
  ...[...new Set(recording.messages.map(({ topic }) => topic))].flatMap((topic) =>
    [...histories(recording, topic)].flatMap(([subject, history]) => gapsOf(topic, subject, history)),
  ),
  ...changedCopies(recording),
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
