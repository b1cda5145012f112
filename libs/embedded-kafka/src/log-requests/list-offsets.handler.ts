import type { BrokerParts } from '../broker-parts.js';
import { findLargestTimestamp, findTimestamp, type TimestampedOffset } from '../log/find-timestamp.js';
import type { Partition } from '../log/partition.js';
import { listOffsetsApi } from '../protocol/apis/list-offsets.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import type { Storage } from '../storage/storage.js';

/** Times with a meaning of their own. */
const latest = -1;
const earliest = -2;
const withLargestTimestamp = -3;
/** The same as `earliest` and as "nothing" where no part of a log is kept elsewhere (KIP-405). */
const earliestLocal = -4;
const latestTiered = -5;
/** The first version of ListOffsets that knows each of them. */
const knownSince: Readonly<Record<number, number>> = {
  [latest]: 0,
  [earliest]: 0,
  [withLargestTimestamp]: 7,
  [earliestLocal]: 8,
  [latestTiered]: 9,
};
const leaderEpoch = 0;
const nothing: TimestampedOffset = { offset: -1, timestamp: -1 };

export function listOffsetsRoute({
  topics,
  storage,
  report,
}: Pick<BrokerParts, 'topics' | 'storage' | 'report'>): Route {
  const isKnown = (timestamp: number, version: number) =>
    timestamp >= 0 || version >= (knownSince[timestamp] ?? Infinity);
  return route(listOffsetsApi, (request, { version }) => ({
    throttleTimeMs: 0,
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index, timestamp }) => {
        const partition = topics.partition(name, index);
        if (partition === undefined) return answer(index, ErrorCode.unknownTopicOrPartition, nothing);
        if (!isKnown(timestamp, version)) return answer(index, ErrorCode.unsupportedVersion, nothing);
        try {
          return answer(index, ErrorCode.none, find(storage, partition, timestamp));
        } catch (error) {
          // Records that do not follow the format were taken unseen: only their batch's frame is checked on arrival.
          report(error);
          return answer(index, ErrorCode.corruptMessage, nothing);
        }
      }),
    })),
  }));
}

function find(storage: Storage, partition: Partition, timestamp: number): TimestampedOffset {
  if (timestamp === latest) return { offset: partition.highWatermark, timestamp: -1 };
  if (timestamp === latestTiered) return nothing;
  if (timestamp === withLargestTimestamp) return findLargestTimestamp(storage, partition) ?? nothing;
  if (timestamp === earliest || timestamp === earliestLocal) return { offset: partition.logStart, timestamp: -1 };
  return findTimestamp(storage, partition, timestamp) ?? nothing;
}

function answer(index: number, errorCode: number, { offset, timestamp }: TimestampedOffset) {
  return {
    index,
    errorCode,
    oldStyleOffsets: offset < 0 ? [] : [offset],
    timestamp,
    offset,
    leaderEpoch: offset < 0 ? -1 : leaderEpoch,
  };
}
