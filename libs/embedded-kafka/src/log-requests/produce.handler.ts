import type { BrokerParts } from '../broker-parts.js';
import { StorageError } from '../errors.js';
import { type Admission, admit } from '../log/admission.js';
import type { AppendOutcome, Partition } from '../log/partition.js';
import { type BatchHeader, stampAppendTime } from '../log/record-batch.js';
import type { RequestOf, ResponseOf } from '../protocol/api.js';
import { produceApi } from '../protocol/apis/produce.js';
import { ErrorCode } from '../protocol/error-code.js';
import { MalformedRequestError } from '../protocol/reader.js';
import { route, type Route } from '../server/route.js';
import type { Topic } from '../topics/topics.js';

type Parts = Pick<BrokerParts, 'topics' | 'commits' | 'clock' | 'report'>;
type PartitionData = RequestOf<typeof produceApi>['topics'][number]['partitions'][number];
type PartitionAnswer = ResponseOf<typeof produceApi>['topics'][number]['partitions'][number];

const codeOfOutcome: Readonly<Record<AppendOutcome['kind'] | 'gone', number>> = {
  appended: ErrorCode.none,
  duplicate: ErrorCode.none,
  'out-of-order': ErrorCode.outOfOrderSequence,
  fenced: ErrorCode.invalidProducerEpoch,
  gone: ErrorCode.unknownTopicOrPartition,
};

/** Appends one batch per partition. Any acknowledgement, also that of acks=1, means that the batch is on disk. */
export function produceRoute(parts: Parts): Route {
  return route(produceApi, async ({ acks, topics }, { version }) => {
    const hasKnownAcks = acks >= -1 && acks <= 1;
    const append = (name: string, data: PartitionData): Promise<PartitionAnswer> | PartitionAnswer =>
      hasKnownAcks ? appendTo(parts, version, name, data) : refused(data.index, ErrorCode.invalidRequiredAcks);
    const answers = await Promise.all(
      topics.map(async ({ name, partitions }) => ({
        name,
        partitions: await Promise.all(partitions.map((data) => append(name, data))),
      })),
    );
    if (acks !== 0) return { topics: answers, throttleTimeMs: 0 };
    const isRefused = answers.some(({ partitions }) => partitions.some(({ errorCode }) => errorCode !== 0));
    // As in Kafka, the end of the connection is the only sign that a client without acknowledgements can get.
    if (isRefused) throw new MalformedRequestError('a batch with acks=0 was refused');
    return null;
  });
}

const noErrors = { recordErrors: [], errorMessage: null };

function refused(index: number, errorCode: number): PartitionAnswer {
  return { index, errorCode, baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1, ...noErrors };
}

/** A batch is taken or refused as a whole; which of its records were at fault helps those who sent the others. */
function notAdmitted(partition: Partition, { errorCode, recordErrors = [] }: Admission): PartitionAnswer {
  const answer = refused(partition.index, errorCode);
  if (recordErrors.length === 0) return answer;
  const errorMessage = `The batch is refused because of ${recordErrors.length} of its records.`;
  return { ...answer, logStartOffset: partition.logStart, recordErrors, errorMessage };
}

async function appendTo(
  parts: Parts,
  version: number,
  name: string,
  { index, records }: PartitionData,
): Promise<PartitionAnswer> {
  const topic = parts.topics.get(name);
  const partition = topic?.partitions[index];
  if (topic === undefined || partition === undefined) return refused(index, ErrorCode.unknownTopicOrPartition);
  const nowMs = parts.clock.now();
  const admission = admit(records, topic.config, version, nowMs);
  const { header } = admission;
  if (header === undefined || records === null) return notAdmitted(partition, admission);
  const stamped = topic.config.appendTime ? { ...header, maxTimestamp: nowMs } : header;
  if (topic.config.appendTime) stampAppendTime(records, nowMs);
  try {
    const outcome = await append(parts, { topic, partition, batch: records, header: stamped, nowMs });
    const baseOffset = 'baseOffset' in outcome ? outcome.baseOffset : -1;
    return {
      index,
      errorCode: codeOfOutcome[outcome.kind],
      baseOffset,
      logAppendTimeMs: appendTimeOf(outcome, topic, nowMs),
      logStartOffset: partition.logStart,
      ...noErrors,
    };
  } catch (error) {
    parts.report(error);
    return refused(index, error instanceof StorageError ? ErrorCode.storage : ErrorCode.unknown);
  }
}

/** Of a repetition Kafka gives the largest time of the batch that is there. */
function appendTimeOf(outcome: { readonly kind: string; readonly timestamp?: number }, topic: Topic, nowMs: number) {
  if (outcome.timestamp !== undefined) return outcome.timestamp;
  return topic.config.appendTime ? nowMs : -1;
}

interface NewBatch {
  readonly topic: Topic;
  readonly partition: Partition;
  readonly batch: Buffer;
  readonly header: BatchHeader;
  readonly nowMs: number;
}

function append(
  { topics, commits }: Parts,
  { topic, partition, batch, header, nowMs }: NewBatch,
): Promise<AppendOutcome | { readonly kind: 'gone' }> {
  return commits.submit<AppendOutcome | { readonly kind: 'gone' }>((writes) => {
    // The topic may have been deleted since, even earlier in the same flush.
    if (topics.partition(topic.name, partition.index) !== partition) return { result: { kind: 'gone' } };
    return partition.prepareAppend(writes, batch, header, nowMs);
  });
}
