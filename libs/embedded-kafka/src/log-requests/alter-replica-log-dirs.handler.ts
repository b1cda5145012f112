import type { BrokerParts } from '../broker-parts.js';
import { alterReplicaLogDirsApi } from '../protocol/apis/alter-replica-log-dirs.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';

/** There is one folder: what is to be moved there is there already, and there is no other to move to. */
export function alterReplicaLogDirsRoute({ topics, storage }: Pick<BrokerParts, 'topics' | 'storage'>): Route {
  const judge = (logDir: string, topic: string, index: number): number => {
    if (logDir !== storage.dataDir) return ErrorCode.logDirNotFound;
    return topics.partition(topic, index) === undefined ? ErrorCode.unknownTopicOrPartition : ErrorCode.none;
  };
  return route(alterReplicaLogDirsApi, ({ dirs }) => ({
    throttleTimeMs: 0,
    results: dirs.flatMap(({ logDir, topics: moved }) =>
      moved.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((index) => ({ index, errorCode: judge(logDir, name, index) })),
      })),
    ),
  }));
}
