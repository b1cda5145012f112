import type { BrokerParts } from '../broker-parts.js';
import { StorageError } from '../errors.js';
import type { Partition } from '../log/partition.js';
import { deleteRecordsApi } from '../protocol/apis/delete-records.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';

type Parts = Pick<BrokerParts, 'topics' | 'commits' | 'report'>;

/** Stands for "everything there is". */
const highWatermark = -1;

/** Moves the logs' starts, but not those of topics that are compacted only; the cleaner removes what lies before them. */
export function deleteRecordsRoute(parts: Parts): Route {
  return route(deleteRecordsApi, async (request) => ({
    throttleTimeMs: 0,
    topics: await Promise.all(
      request.topics.map(async ({ name, partitions }) => ({
        name,
        partitions: await Promise.all(
          partitions.map(async ({ index, offset }) => {
            const partition = parts.topics.partition(name, index);
            const deletes = parts.topics.get(name)?.config.deletes ?? true;
            const errorCode = deletes ? await deleteBefore(parts, partition, offset) : ErrorCode.policyViolation;
            const lowWatermark = errorCode === ErrorCode.none ? (partition?.logStart ?? -1) : -1;
            return { index, lowWatermark, errorCode };
          }),
        ),
      })),
    ),
  }));
}

async function deleteBefore({ commits, report }: Parts, partition: Partition | undefined, offset: number) {
  if (partition === undefined) return ErrorCode.unknownTopicOrPartition;
  const logStart = offset === highWatermark ? partition.highWatermark : offset;
  if (logStart < 0 || logStart > partition.highWatermark) return ErrorCode.offsetOutOfRange;
  try {
    await commits.submit((writes) =>
      partition.isDeleted ? { result: undefined } : partition.prepareMark(writes, { logStart }),
    );
    return ErrorCode.none;
  } catch (error) {
    report(error);
    return error instanceof StorageError ? ErrorCode.storage : ErrorCode.unknown;
  }
}
