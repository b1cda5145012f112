import { Kafka, logLevel, type ISocketFactory, type LogEntry, type RetryOptions } from 'kafkajs';
import type { Logger } from '../logger.js';
import { repairKafkajs } from './kafkajs-repair.js';

/**
 * kafkajs gives up soon and we try again: its own endless retries keep a stale cluster and can't be stopped.
 * NODE_ENV=test changes its defaults, so all of them are set.
 */
export const BRIEF_RETRY: RetryOptions = {
  initialRetryTime: 100,
  maxRetryTime: 1_000,
  factor: 0.2,
  multiplier: 2,
  retries: 4,
};

const REPEATED_MS = 10_000;

interface ClientOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly logger: Logger;
  readonly socketFactory: ISocketFactory;
}

export function createKafka({ brokers, clientId, logger, socketFactory }: ClientOptions): Kafka {
  repairKafkajs();
  return new Kafka({
    brokers: [...brokers],
    clientId,
    socketFactory,
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    retry: BRIEF_RETRY,
    logLevel: logLevel.WARN,
    logCreator: () => logInto(logger),
  });
}

/**
 * What kafkajs calls an error is retried, by itself or by us: a warning at most, and one with the same words only every
 * 10 s. A broker that is away makes dozens of them each second. A refused request is told to its caller, who knows whether
 * it matters (two services that make the same topic at once): only for debugging.
 */
export function logInto(logger: Logger, now: () => number = Date.now): (entry: LogEntry) => void {
  const lastAt = new Map<string, number>();
  return ({ level, namespace, log: { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } }) => {
    if (level !== logLevel.ERROR || message.startsWith('Response '))
      return logger.debug({ namespace, ...fields }, `kafkajs: ${message}`);
    const words = `${namespace}: ${message}`;
    if (now() - (lastAt.get(words) ?? -Infinity) < REPEATED_MS) return;
    if (lastAt.size > 1_000) lastAt.clear();
    lastAt.set(words, now());
    logger.warn({ namespace, ...fields }, `kafkajs: ${message}`);
  };
}
