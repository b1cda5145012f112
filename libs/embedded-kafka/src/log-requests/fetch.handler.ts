import type { BrokerParts } from '../broker-parts.js';
import type { Partition } from '../log/partition.js';
import type { RequestOf, ResponseOf } from '../protocol/api.js';
import { fetchApi } from '../protocol/apis/fetch.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import type { Topics } from '../topics/topics.js';

type Request = RequestOf<typeof fetchApi>;
type TopicAnswer = ResponseOf<typeof fetchApi>['topics'][number];
type PartitionAnswer = TopicAnswer['partitions'][number];
type Wanted = Request['topics'][number]['partitions'][number];

/** Kafka's fetch.max.bytes: whatever a client allows, an answer is no larger. */
const maxAnswerBytes = 55 * 1024 * 1024;
/**
 * Kafka sends from its files; here answers lie in memory until they are read. When so much is not, each answer is only what
 * has to be in it for consumers to get on.
 */
const maxUnreadBytes = 128 * 1024 * 1024;
const readCommitted = 1;
const leaderEpoch = 0;

type Parts = Pick<BrokerParts, 'topics' | 'fetchWaits' | 'unread'>;

export function fetchRoute({ topics, fetchWaits, unread }: Parts): Route {
  const limitNow = () => Math.min(maxAnswerBytes, Math.max(0, maxUnreadBytes - unread.bytes));
  return route(fetchApi, async (request) => {
    const answer = { throttleTimeMs: 0, errorCode: ErrorCode.none, sessionId: 0, topics: [] };
    if (request.sessionId !== 0) return { ...answer, errorCode: ErrorCode.fetchSessionIdNotFound };
    const reading = new Reading(topics, request, limitNow());
    if (reading.isComplete || request.maxWaitMs <= 0) return { ...answer, topics: reading.answers };
    await fetchWaits.untilGrown(reading.partitions, request.minBytes - reading.bytes, request.maxWaitMs);
    return { ...answer, topics: new Reading(topics, request, limitNow()).answers };
  });
}

/** What is there for a request at this moment. The stored batches go to the socket as they are. */
class Reading {
  readonly answers: readonly TopicAnswer[];
  readonly partitions: Partition[] = [];
  bytes = 0;
  #hasError = false;

  constructor(
    private readonly topics: Topics,
    private readonly request: Request,
    private readonly limitBytes: number,
  ) {
    this.answers = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((wanted) => this.#read(name, wanted)),
    }));
  }

  /** Errors and data are worth an answer at once; a request for nothing is, too. */
  get isComplete(): boolean {
    return this.#hasError || this.bytes >= this.request.minBytes || this.partitions.length === 0;
  }

  #read(topic: string, wanted: Wanted): PartitionAnswer {
    const partition = this.topics.partition(topic, wanted.index);
    const errorCode = problemOf(partition, wanted);
    if (partition === undefined || errorCode !== ErrorCode.none) {
      this.#hasError = true;
      return this.#answer(wanted.index, errorCode, -1, -1, []);
    }
    this.partitions.push(partition);
    const leftBytes = Math.min(this.request.maxBytes, this.limitBytes) - this.bytes;
    const isFirst = this.bytes === 0;
    const maxBytes = Math.min(wanted.maxBytes, leftBytes);
    const records = isFirst || maxBytes > 0 ? partition.read(wanted.fetchOffset, maxBytes, isFirst) : [];
    for (const batch of records) this.bytes += batch.length;
    return this.#answer(wanted.index, errorCode, partition.highWatermark, partition.logStart, records);
  }

  #answer(
    index: number,
    errorCode: number,
    highWatermark: number,
    logStartOffset: number,
    records: readonly Buffer[],
  ): PartitionAnswer {
    const abortedTransactions = this.request.isolationLevel === readCommitted ? [] : null;
    const common = { index, errorCode, highWatermark, logStartOffset, records };
    return { ...common, lastStableOffset: highWatermark, abortedTransactions, preferredReadReplica: -1 };
  }
}

function problemOf(partition: Partition | undefined, wanted: Wanted): number {
  if (partition === undefined) return ErrorCode.unknownTopicOrPartition;
  if (wanted.currentLeaderEpoch > leaderEpoch) return ErrorCode.unknownLeaderEpoch;
  const isInside = wanted.fetchOffset >= partition.logStart && wanted.fetchOffset <= partition.highWatermark;
  return isInside ? ErrorCode.none : ErrorCode.offsetOutOfRange;
}
