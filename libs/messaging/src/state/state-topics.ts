import { stateTopicOf, type EventContract } from '#contracts';
import type { TopicSpec } from '../bus/message-bus.js';

const DAY_MS = 24 * 3_600_000;
const RETENTION_MS = 7 * DAY_MS;

/**
 * The topics of events, and of their state, as they are made. Kafka compacts what is no longer in the segment that is
 * written to, and waits until half of a partition is new: hence segments of an hour, and a day at the latest.
 */
export function topicSpecsOf(contracts: readonly EventContract[]): TopicSpec[] {
  const topics = [...new Set(contracts.map(({ topic }) => topic))];
  return topics.flatMap((topic): TopicSpec[] => [
    { topic, config: { 'retention.ms': String(RETENTION_MS) } },
    {
      topic: stateTopicOf(topic),
      like: topic,
      config: {
        'cleanup.policy': 'compact',
        'segment.ms': String(3_600_000),
        'max.compaction.lag.ms': String(DAY_MS),
      },
    },
  ]);
}
