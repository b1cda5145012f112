import type { BrokerParts } from '../broker-parts.js';
import type { Partition } from '../log/partition.js';
import { describeLogDirsApi } from '../protocol/apis/describe-log-dirs.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import type { Topics } from '../topics/topics.js';

type Parts = Pick<BrokerParts, 'topics' | 'storage'>;
type Wanted = readonly { readonly name: string; readonly partitions: readonly number[] }[] | null;

/** The one folder with all data: what is there of the partitions asked for; null asks for all. */
export function describeLogDirsRoute({ topics, storage }: Parts): Route {
  return route(describeLogDirsApi, ({ topics: wanted }) => ({
    throttleTimeMs: 0,
    errorCode: ErrorCode.none,
    results: [
      {
        errorCode: ErrorCode.none,
        logDir: storage.dataDir,
        topics: partitionsOf(topics, wanted).map(({ name, partitions }) => ({
          name,
          partitions: partitions.map((partition) => ({
            index: partition.index,
            sizeBytes: partition.bytesFrom(partition.logStart),
            offsetLag: 0,
            isFuture: false,
          })),
        })),
        ...storage.space(),
      },
    ],
  }));
}

function partitionsOf(topics: Topics, wanted: Wanted): { name: string; partitions: readonly Partition[] }[] {
  const asked =
    wanted ?? topics.all().map(({ name, partitions }) => ({ name, partitions: partitions.map((_, i) => i) }));
  return asked
    .map(({ name, partitions }) => {
      const found = partitions.map((index) => topics.partition(name, index));
      return { name, partitions: found.filter((partition) => partition !== undefined) };
    })
    .filter(({ partitions }) => partitions.length > 0);
}
