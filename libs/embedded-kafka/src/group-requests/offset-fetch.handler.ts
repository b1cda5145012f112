import type { BrokerParts } from '../broker-parts.js';
import type { CommittedOffset, OffsetStore } from '../groups/offsets.js';
import type { RequestOf, ResponseOf } from '../protocol/api.js';
import { offsetFetchApi } from '../protocol/apis/offset-fetch.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';

type Wanted = RequestOf<typeof offsetFetchApi>['topics'];
type TopicAnswer = ResponseOf<typeof offsetFetchApi>['topics'][number];

/** How far groups have come: -1 where one has committed nothing. */
export function offsetFetchRoute({ groups: { offsets } }: Pick<BrokerParts, 'groups'>): Route {
  const of = (groupId: string, topics: Wanted): TopicAnswer[] =>
    topics === null
      ? everything(offsets, groupId)
      : topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map((index) => answer(index, offsets.get(groupId, name, index))),
        }));
  return route(offsetFetchApi, ({ groupId, topics, groups }, { version }) => ({
    throttleTimeMs: 0,
    topics: version < 8 ? of(groupId, topics) : [],
    errorCode: ErrorCode.none,
    groups: groups.map((one) => ({
      groupId: one.groupId,
      topics: of(one.groupId, one.topics),
      errorCode: ErrorCode.none,
    })),
  }));
}

const nothing: Pick<CommittedOffset, 'offset' | 'metadata' | 'leaderEpoch'> = { offset: -1, metadata: '' };

function answer(index: number, committed: CommittedOffset | undefined) {
  const { offset, metadata, leaderEpoch = -1 } = committed ?? nothing;
  return { index, offset, leaderEpoch, metadata, errorCode: ErrorCode.none };
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
