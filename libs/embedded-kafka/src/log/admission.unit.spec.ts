import { describe, expect, test } from '@jest/globals';
import { batchOfRecords, batchOfSize, epochMs } from '../../test/batches.js';
import { ErrorCode } from '../protocol/error-code.js';
import { admit } from './admission.js';
import { Compression } from './compression.js';
import { controlBit, transactionalBit } from './record-batch.js';
import { topicConfigOf } from './topic-config.js';

const plain = topicConfigOf({});
const verdict = (batch: Buffer | null, config = plain, version = 7) => admit(batch, config, version, epochMs).errorCode;

describe('admission of a batch', () => {
  test('takes an intact one, with its header', () => {
    expect(admit(batchOfSize(3), plain, 7, epochMs)).toMatchObject({ errorCode: 0, header: { recordCount: 3 } });
  });

  test('refuses what is missing, too large, broken, or of another format', () => {
    expect(verdict(null)).toBe(ErrorCode.invalidRecord);
    const large = batchOfRecords([{ value: 'x'.repeat(1_048_588) }]);
    expect(verdict(large)).toBe(ErrorCode.messageTooLarge);
    expect(verdict(batchOfRecords([{ value: 'x'.repeat(1_048_500) }]))).toBe(ErrorCode.none);
    const broken = batchOfSize(1);
    broken.writeUInt8(broken.readUInt8(broken.length - 1) ^ 1, broken.length - 1);
    expect(verdict(broken)).toBe(ErrorCode.corruptMessage);
    expect(verdict(Buffer.concat([batchOfSize(1), batchOfSize(1)]))).toBe(ErrorCode.invalidRecord);
  });

  test('refuses control batches, transactions, and zstd of clients that do not know it', () => {
    expect(verdict(batchOfSize(1, { attributes: controlBit }))).toBe(ErrorCode.invalidRecord);
    expect(verdict(batchOfSize(1, { attributes: transactionalBit }))).toBe(ErrorCode.invalidTransactionState);
    const zstd = batchOfSize(1, { attributes: Compression.zstd });
    expect(verdict(zstd, plain, 6)).toBe(ErrorCode.unsupportedCompressionType);
    expect(verdict(zstd)).toBe(ErrorCode.none);
    expect(verdict(batchOfSize(1, { attributes: 5 }))).toBe(ErrorCode.invalidRecord);
  });

  test('refuses times outside the topic’s limits, but not where the broker sets the time', () => {
    const hourMs = 3_600_000;
    const at = (timestamp: number) => batchOfRecords([{ value: 'v', timestamp }]);
    expect(verdict(at(epochMs + hourMs))).toBe(ErrorCode.none);
    expect(verdict(at(epochMs + hourMs + 1))).toBe(ErrorCode.invalidTimestamp);
    const recent = topicConfigOf({ 'message.timestamp.before.max.ms': '1000' });
    expect(verdict(at(epochMs - 1001), recent)).toBe(ErrorCode.invalidTimestamp);
    expect(verdict(at(epochMs * 2), topicConfigOf({ 'message.timestamp.type': 'LogAppendTime' }))).toBe(ErrorCode.none);
  });

  test('tells which records are at fault, or that they are broken', () => {
    const times = [epochMs, epochMs * 2, epochMs].map((timestamp) => ({ value: 'v', timestamp }));
    const limited = admit(batchOfRecords(times), plain, 9, epochMs);
    expect(limited).toMatchObject({ errorCode: ErrorCode.invalidTimestamp, recordErrors: [{ index: 1 }] });
    const broken = batchOfRecords(times, { attributes: Compression.lz4 });
    expect(admit(broken, plain, 9, epochMs)).toEqual({ errorCode: ErrorCode.corruptMessage });
  });

  test('wants a key of every record in a compacted topic', () => {
    const compacted = topicConfigOf({ 'cleanup.policy': 'compact' });
    const keyless = [{ key: 'a', value: '1' }, { value: '2' }];
    expect(verdict(batchOfRecords(keyless), compacted)).toBe(ErrorCode.invalidRecord);
    expect(verdict(batchOfRecords(keyless, { codec: Compression.gzip }), compacted)).toBe(ErrorCode.invalidRecord);
    expect(verdict(batchOfRecords(keyless))).toBe(ErrorCode.none);
    expect(verdict(batchOfSize(2), compacted)).toBe(ErrorCode.none);
  });
});
