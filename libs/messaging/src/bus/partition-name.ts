import type { TopicPartition } from './message-bus.js';

/** A partition as a key of a map. A topic's name has no `|`. */
export const partitionName = ({ topic, partition }: TopicPartition): string => `${topic}|${partition}`;
