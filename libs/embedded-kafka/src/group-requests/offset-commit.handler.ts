import type { BrokerParts } from '../broker-parts.js';
import type { OffsetEntry } from '../groups/offsets.js';
import type { RequestOf } from '../protocol/api.js';
import { offsetCommitApi } from '../protocol/apis/offset-commit.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';

type Parts = Pick<BrokerParts, 'topics' | 'groups' | 'clock' | 'report'>;
type Request = RequestOf<typeof offsetCommitApi>;

/** Kafka's offset.metadata.max.bytes. */
const maxMetadataBytes = 4096;

/** Stores how far a group has come. Acknowledged when it is on disk. */
export function offsetCommitRoute(parts: Parts): Route {
  return route(offsetCommitApi, async (request) => {
    const groupProblem = problemOfGroup(parts, request);
    const answers = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index, offset, metadata, committedLeaderEpoch: leaderEpoch }) => ({
        index,
        errorCode: groupProblem || problemOfOffset(parts, name, index, metadata),
        entry: {
          topic: name,
          partition: index,
          offset,
          leaderEpoch,
          metadata: metadata ?? '',
          committedMs: parts.clock.now(),
        },
      })),
    }));
    const accepted = answers.flatMap(({ partitions }) => partitions.filter(({ errorCode }) => errorCode === 0));
    const stored = await store(
      parts,
      request.groupId,
      accepted.map(({ entry }) => entry),
    );
    const topics = answers.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index, errorCode }) => ({ index, errorCode: errorCode || stored })),
    }));
    return { throttleTimeMs: 0, topics };
  });
}

function problemOfGroup({ groups }: Parts, { groupId, memberId, generationId }: Request): number {
  if (groupId === '') return ErrorCode.invalidGroupId;
  // Whoever keeps offsets without being a member (administrators, consumers that assign themselves) has no generation.
  const group = generationId < 0 ? groups.getOrCreate(groupId) : groups.get(groupId);
  return group === undefined ? ErrorCode.illegalGeneration : group.judgeCommit(memberId, generationId);
}

function problemOfOffset({ topics }: Parts, topic: string, index: number, metadata: string | null): number {
  if (topics.partition(topic, index) === undefined) return ErrorCode.unknownTopicOrPartition;
  const isTooLong = metadata !== null && Buffer.byteLength(metadata) > maxMetadataBytes;
  return isTooLong ? ErrorCode.offsetMetadataTooLarge : ErrorCode.none;
}

async function store(
  { groups, topics, report }: Parts,
  groupId: string,
  entries: readonly OffsetEntry[],
): Promise<number> {
  if (entries.length === 0) return ErrorCode.none;
  try {
    await groups.offsets.commit(
      groupId,
      entries,
      (topic, partition) => topics.partition(topic, partition) !== undefined,
    );
    return ErrorCode.none;
  } catch (error) {
    report(error);
    // Clients take this one up again.
    return ErrorCode.coordinatorNotAvailable;
  }
}
