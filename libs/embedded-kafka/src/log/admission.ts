import { ErrorCode } from '../protocol/error-code.js';
import { codecOf, Compression, recordsOf } from './compression.js';
import {
  type BatchHeader,
  type BatchProblem,
  controlBit,
  problemOf,
  readHeader,
  transactionalBit,
} from './record-batch.js';
import type { LogRecord } from './records.js';
import type { TopicConfig } from './topic-config.js';

const codeOfProblem: Readonly<Record<BatchProblem, number>> = {
  format: ErrorCode.invalidRecord,
  corrupt: ErrorCode.corruptMessage,
  several: ErrorCode.invalidRecord,
};
/** The first version of Produce whose clients know zstd (KIP-110). */
const zstdSinceProduce = 7;

/** A record because of which its batch is refused, counted from 0. */
export interface RecordError {
  readonly index: number;
  readonly message: string;
}

export interface Admission {
  readonly errorCode: number;
  /** There when the batch may be appended. */
  readonly header?: BatchHeader;
  /** There when it is single records that are at fault: clients may send the others once more. */
  readonly recordErrors?: readonly RecordError[];
}

/** Whether a topic takes the produced record set: Kafka's checks (LogValidator, UnifiedLog) in Kafka's order. */
export function admit(batch: Buffer | null, config: TopicConfig, produceVersion: number, nowMs: number): Admission {
  if (batch === null) return { errorCode: ErrorCode.invalidRecord };
  if (batch.length > config.maxMessageBytes) return { errorCode: ErrorCode.messageTooLarge };
  const problem = problemOf(batch);
  if (problem !== null) return { errorCode: codeOfProblem[problem] };
  const header = readHeader(batch);
  const errorCode = problemOfAttributes(header.attributes, produceVersion);
  return errorCode === ErrorCode.none ? judgeRecords(batch, header, config, nowMs) : { errorCode };
}

function problemOfAttributes(attributes: number, produceVersion: number): number {
  if (attributes & controlBit) return ErrorCode.invalidRecord;
  // There are no transactions, so none can be under way.
  if (attributes & transactionalBit) return ErrorCode.invalidTransactionState;
  const codec = codecOf(attributes);
  if (codec > Compression.zstd) return ErrorCode.invalidRecord;
  if (codec === Compression.zstd && produceVersion < zstdSinceProduce) return ErrorCode.unsupportedCompressionType;
  return ErrorCode.none;
}

/**
 * A compacted topic keeps the last record of each key, so there must be one; and times must lie within the topic's
 * limits.
 */
function judgeRecords(batch: Buffer, header: BatchHeader, config: TopicConfig, nowMs: number): Admission {
  const { baseTimestamp, maxTimestamp } = header;
  const timeFits = (timestamp: number): boolean =>
    timestamp - nowMs <= config.timestampAfterMaxMs && nowMs - timestamp <= config.timestampBeforeMaxMs;
  const timesFit = config.appendTime || maxTimestamp < 0 || (timeFits(baseTimestamp) && timeFits(maxTimestamp));
  if (timesFit && !config.compacted) return { errorCode: ErrorCode.none, header };
  try {
    const records = recordsOf(batch, header);
    const hasTime = ({ timestampDelta }: LogRecord) => timeFits(baseTimestamp + timestampDelta);
    if (!timesFit) {
      const recordErrors = errorsOf(records, hasTime, 'The time of the record is outside the limits of its topic.');
      return { errorCode: ErrorCode.invalidTimestamp, recordErrors };
    }
    const keyless = errorsOf(records, ({ key }) => key !== null, 'Records of a compacted topic need a key.');
    if (keyless.length > 0) return { errorCode: ErrorCode.invalidRecord, recordErrors: keyless };
    return { errorCode: ErrorCode.none, header };
  } catch {
    return { errorCode: ErrorCode.corruptMessage };
  }
}

function errorsOf(records: readonly LogRecord[], fits: (record: LogRecord) => boolean, message: string): RecordError[] {
  return records.flatMap((record, index) => (fits(record) ? [] : [{ index, message }]));
}
