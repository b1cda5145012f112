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
import type { TopicConfig } from './topic-config.js';

const codeOfProblem: Readonly<Record<BatchProblem, number>> = {
  format: ErrorCode.invalidRecord,
  corrupt: ErrorCode.corruptMessage,
  several: ErrorCode.invalidRecord,
};
/** The first version of Produce whose clients know zstd (KIP-110). */
const zstdSinceProduce = 7;

export interface Admission {
  readonly errorCode: number;
  /** There when the batch may be appended. */
  readonly header?: BatchHeader;
}

/** Whether a topic takes the produced record set: Kafka's checks (LogValidator, UnifiedLog) in Kafka's order. */
export function admit(batch: Buffer | null, config: TopicConfig, produceVersion: number, nowMs: number): Admission {
  if (batch === null) return { errorCode: ErrorCode.invalidRecord };
  if (batch.length > config.maxMessageBytes) return { errorCode: ErrorCode.messageTooLarge };
  const problem = problemOf(batch);
  if (problem !== null) return { errorCode: codeOfProblem[problem] };
  const header = readHeader(batch);
  const errorCode = problemOfHeader(header, config, produceVersion, nowMs) || problemOfKeys(batch, header, config);
  return errorCode === ErrorCode.none ? { errorCode, header } : { errorCode };
}

function problemOfHeader(header: BatchHeader, config: TopicConfig, produceVersion: number, nowMs: number): number {
  const { attributes, baseTimestamp, maxTimestamp } = header;
  if (attributes & controlBit) return ErrorCode.invalidRecord;
  // There are no transactions, so none can be under way.
  if (attributes & transactionalBit) return ErrorCode.invalidTransactionState;
  const codec = codecOf(attributes);
  if (codec > Compression.zstd) return ErrorCode.invalidRecord;
  if (codec === Compression.zstd && produceVersion < zstdSinceProduce) return ErrorCode.unsupportedCompressionType;
  if (config.appendTime || maxTimestamp < 0) return ErrorCode.none;
  const isTooLate = maxTimestamp - nowMs > config.timestampAfterMaxMs;
  const isTooEarly = nowMs - baseTimestamp > config.timestampBeforeMaxMs;
  return isTooLate || isTooEarly ? ErrorCode.invalidTimestamp : ErrorCode.none;
}

/** A compacted topic keeps the last record of each key, so there must be one. Opaque codecs are taken as they are. */
function problemOfKeys(batch: Buffer, header: BatchHeader, { compacted }: TopicConfig): number {
  if (!compacted) return ErrorCode.none;
  try {
    const hasKeys = recordsOf(batch, header)?.every(({ key }) => key !== null) ?? true;
    return hasKeys ? ErrorCode.none : ErrorCode.invalidRecord;
  } catch {
    return ErrorCode.corruptMessage;
  }
}
