import type { BrokerParts } from '../broker-parts.js';
import { subscribedTopics } from '../groups/subscription.js';
import type { Group } from '../groups/group.js';
import { offsetDeleteApi } from '../protocol/apis/offset-delete.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';

type Parts = Pick<BrokerParts, 'groups' | 'topics' | 'report'>;

/** Forgets what a group has committed for topics that none of its members reads. */
export function offsetDeleteRoute({ groups, topics, report }: Parts): Route {
  return route(offsetDeleteApi, async (request) => {
    const group = groups.get(request.groupId);
    const problem = problemOfGroup(group);
    if (group === undefined || problem !== ErrorCode.none) return { errorCode: problem, throttleTimeMs: 0, topics: [] };
    const inUse = subscribedTopics(group.members);
    const codeOf = (topic: string, index: number): number => {
      if (inUse.has(topic)) return ErrorCode.groupSubscribedToTopic;
      return topics.partition(topic, index) === undefined ? ErrorCode.unknownTopicOrPartition : ErrorCode.none;
    };
    const answers = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index }) => ({ index, errorCode: codeOf(name, index) })),
    }));
    const entries = answers.flatMap(({ name: topic, partitions }) =>
      partitions.filter(({ errorCode }) => errorCode === 0).map(({ index: partition }) => ({ topic, partition })),
    );
    try {
      await groups.offsets.remove(group.id, entries);
      return { errorCode: ErrorCode.none, throttleTimeMs: 0, topics: answers };
    } catch (error) {
      report(error);
      return { errorCode: ErrorCode.coordinatorNotAvailable, throttleTimeMs: 0, topics: [] };
    }
  });
}

function problemOfGroup(group: Group | undefined): number {
  if (group === undefined) return ErrorCode.groupIdNotFound;
  const isReadable = group.state === 'Empty' || group.protocolType === 'consumer';
  return isReadable ? ErrorCode.none : ErrorCode.nonEmptyGroup;
}
