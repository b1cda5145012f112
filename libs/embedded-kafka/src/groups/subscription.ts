import { MalformedRequestError, Reader } from '../protocol/reader.js';
import type { Member } from './member.js';

/** The topics that members of a group want, as far as they speak Kafka's consumer protocol. */
export function subscribedTopics(members: readonly Member[]): Set<string> {
  return new Set(members.flatMap(({ facts }) => facts.protocols.flatMap(({ metadata }) => topicsIn(metadata))));
}

/** ConsumerProtocolSubscription: a version, the topics, and more that is of no matter here. */
function topicsIn(metadata: Buffer): string[] {
  const reader = new Reader(metadata);
  try {
    reader.int16();
    return Array.from({ length: Math.max(0, reader.arrayLength()) }, () => reader.nullableString() ?? '');
  } catch (error) {
    if (error instanceof MalformedRequestError) return [];
    throw error;
  }
}
