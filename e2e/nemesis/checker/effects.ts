import { histories, reviewOf, type Acknowledged, type Check } from './recording.js';

const TOPICS: Readonly<Record<Acknowledged['kind'], string>> = {
  order: 'order.order.v1',
  post: 'social.post.v1',
  review: 'reputation.review.v1',
};

/** What clients were told is done was done, once for each of their keys, and nothing else was. */
export const checkAcknowledged: Check = (recording) => {
  const { acknowledged, unanswered } = recording;
  const problems: string[] = [];
  const owners = new Map<string, string>();
  const ids = new Map<string, string>();
  const made = new Map(Object.entries(TOPICS).map(([kind, topic]) => [kind, histories(recording, topic)]));
  for (const { kind, key, id } of acknowledged) {
    if (!made.get(kind)?.has(id)) problems.push(`${kind} ${id} was acknowledged, and is on no topic`);
    if ((ids.get(key) ?? id) !== id) problems.push(`${kind} key ${key} made ${ids.get(key)} and ${id}`);
    if ((owners.get(id) ?? key) !== key) problems.push(`${kind} ${id} answers keys ${owners.get(id)} and ${key}`);
    ids.set(key, id);
    owners.set(id, key);
  }
  const unasked = [...made.values()].flatMap((byId) => [...byId.keys()]).filter((id) => !owners.has(id));
  if (unasked.length > unanswered)
    problems.push(`${unasked.length} were made that nobody was told of, ${unanswered} may be: ${unasked.join()}`);
  return problems;
};

/** Ratings are what a count of all reviews gives. */
export const checkRatings: Check = (recording) => {
  const stars = new Map<string, number[]>();
  for (const [first] of histories(recording, TOPICS.review).values()) {
    if (first?.type !== 'review.published') continue;
    const review = reviewOf(first);
    stars.set(review.productId, [...(stars.get(review.productId) ?? []), review.stars]);
  }
  return recording.ratings.flatMap(({ productId, count, average }) => {
    const given = stars.get(productId) ?? [];
    const mean = given.length === 0 ? null : given.reduce((all, one) => all + one, 0) / given.length;
    const isRight = count === given.length && Math.abs((average ?? 0) - (mean ?? 0)) < 0.01;
    return isRight
      ? []
      : [`${productId} shows ${count} reviews of ${average}, its events are ${given.length} of ${mean}`];
  });
};

export const checkOutboxes: Check = ({ outboxes }) => outboxes.map((place) => `${place} has unpublished events`);

/** Only what the run poisoned is parked. */
export const checkParked: Check = ({ parked, messages }) => {
  const poison = new Set(messages.filter((message) => message.poison).map(({ eventId }) => eventId));
  return parked
    .filter(({ eventId }) => !poison.has(eventId))
    .map(({ group, eventId, error }) => `${group} parked ${eventId}: ${error}`);
};
