import { histories, type Check, type Consumer, type Message } from './recording.js';

/** Every group that there is to be ran somewhere. Every consumer has been through all events of its types, those of an aggregate in their order. */
export const checkConsumers: Check = (recording) => {
  const topics = [...new Set(recording.messages.map(({ topic }) => topic))];
  const all = topics.flatMap((topic) => [...histories(recording, topic).values()]);
  const ran = new Set(recording.consumers.map(({ group }) => group));
  const missing = recording.declaredGroups.filter((group) => !ran.has(group)).map((group) => `${group} never ran`);
  const wrong = recording.consumers.flatMap((consumer) => {
    const types = new Set(consumer.types);
    const places = new Map(consumer.handled.map((eventId, index) => [eventId, index]));
    const problems = all.flatMap((history) =>
      lookAt(
        consumer,
        history.filter(({ type }) => types.has(type)),
        places,
      ),
    );
    return problems.slice(0, 3);
  });
  return [...missing, ...wrong];
};

function lookAt(
  { group }: Consumer,
  history: readonly Message[],
  places: ReadonlyMap<string, number>,
): readonly string[] {
  const problems: string[] = [];
  let last: { version: number; place: number } | undefined;
  for (const { topic, subject, version, eventId } of history) {
    const place = places.get(eventId);
    if (place === undefined) problems.push(`${group} never handled version ${version} of ${subject} (${topic})`);
    else if (last !== undefined && place < last.place)
      problems.push(`${group} handled version ${version} of ${subject} before ${last.version} (${topic})`);
    if (place !== undefined) last = { version, place };
  }
  return problems;
}
