import { histories, type Acknowledged, type Check, type Recording } from './recording.js';

/** The events that tell that something was done which clients ask for. */
const EVENTS: Readonly<Record<Acknowledged['kind'], readonly [topic: string, type: string]>> = {
  order: ['order.order.v1', 'order.placed'],
  post: ['social.post.v1', 'post.published'],
  deletion: ['social.post.v1', 'post.deleted'],
  comment: ['social.engagement.v1', 'comment.added'],
  review: ['reputation.review.v1', 'review.published'],
  reply: ['reputation.review.v1', 'review.replied'],
};

/** The aggregates to which something was done, for each kind of it. */
const doneTo = (recording: Recording): Map<string, Set<string>> =>
  new Map(
    Object.entries(EVENTS).map(([kind, [topic, type]]) => {
      const told = [...histories(recording, topic)].filter(([, history]) => history.some((one) => one.type === type));
      return [kind, new Set(told.map(([id]) => id))];
    }),
  );

/** What clients were told is done was done, once for each of their keys, and nothing else was. */
export const checkAcknowledged: Check = (recording) => {
  const { acknowledged, unanswered } = recording;
  const problems: string[] = [];
  const owners = new Map<string, string>();
  const ids = new Map<string, string>();
  const made = doneTo(recording);
  for (const { kind, key, id } of acknowledged) {
    const what = `${kind} ${id}`;
    if (!made.get(kind)?.has(id)) problems.push(`${what} was acknowledged, and is on no topic`);
    if ((ids.get(key) ?? id) !== id) problems.push(`${kind} key ${key} made ${ids.get(key)} and ${id}`);
    if ((owners.get(what) ?? key) !== key) problems.push(`${what} answers keys ${owners.get(what)} and ${key}`);
    ids.set(key, id);
    owners.set(what, key);
  }
  const unasked = [...made]
    .flatMap(([kind, done]) => [...done].map((id) => `${kind} ${id}`))
    .filter((one) => !owners.has(one));
  if (unasked.length > unanswered)
    problems.push(`${unasked.length} were made that nobody was told of, ${unanswered} may be: ${unasked.join()}`);
  return problems;
};

export const checkOutboxes: Check = ({ outboxes }) => outboxes.map((place) => `${place} has unpublished events`);

/** What the run poisoned is parked by each group that handles its type, and nothing else is. */
export const checkParked: Check = ({ parked, messages, consumers }) => {
  const poison = messages.filter((message) => message.poison);
  const ids = new Set(poison.map(({ eventId }) => eventId));
  const places = new Set(parked.map(({ group, eventId }) => `${group} ${eventId}`));
  const sound = parked.filter(({ eventId }) => !ids.has(eventId));
  const missing = poison.flatMap(({ eventId, type }) =>
    consumers.flatMap(({ group, types }) =>
      types.includes(type) && !places.has(`${group} ${eventId}`) ? [`${group} did not park ${eventId} (${type})`] : [],
    ),
  );
  return [...sound.map(({ group, eventId, error }) => `${group} parked ${eventId}: ${error}`), ...missing];
};
