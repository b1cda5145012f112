import type { BrokerParts } from '../broker-parts.js';
import type { OffsetStore } from '../groups/offsets.js';
import type { ResponseOf } from '../protocol/api.js';
import { offsetFetchApi } from '../protocol/apis/offset-fetch.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';

type TopicAnswer = ResponseOf<typeof offsetFetchApi>['topics'][number];

/** How far a group has come: -1 where it has committed nothing. */
export function offsetFetchRoute({ groups }: Pick<BrokerParts, 'groups'>): Route {
  return route(offsetFetchApi, ({ groupId, topics }) => ({
    throttleTimeMs: 0,
    topics:
      topics === null
        ? everything(groups.offsets, groupId)
        : topics.map(({ name, partitions }) => ({
            name,
            partitions: partitions.map((index) => answer(index, groups.offsets.get(groupId, name, index))),
          })),
    errorCode: ErrorCode.none,
  }));
}

function answer(index: number, committed: { offset: number; metadata: string } | undefined) {
  const { offset, metadata } = committed ?? { offset: -1, metadata: '' };
  return { index, offset, leaderEpoch: -1, metadata, errorCode: ErrorCode.none };
}

function everything(offsets: OffsetStore, groupId: string): TopicAnswer[] {
  const topics = new Map<string, ReturnType<typeof answer>[]>();
  for (const entry of offsets.all(groupId)) {
    const partitions = topics.get(entry.topic) ?? [];
    topics.set(entry.topic, partitions);
    partitions.push(answer(entry.partition, entry));
  }
  return [...topics].map(([name, partitions]) => ({ name, partitions }));
}
