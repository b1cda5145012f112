import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { addressesOf, addressOf, ConfigError, loadConfig, ServiceConfig } from './config.js';

const complete = { KAFKA_BROKERS: '127.0.0.1:9092, kafka-2:9093', MONGODB_URI: 'mongodb://127.0.0.1:27017/' };

const problemsOf = (work: () => unknown): readonly string[] => {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
  }
  return [];
};

describe('the configuration of a service', () => {
  test('has defaults for everything but broker and database', () => {
    const config = loadConfig(ServiceConfig, complete);
    expect(config.kafkaBrokers).toEqual(['127.0.0.1:9092', 'kafka-2:9093']);
    expect(config.namespace).toBe('');
    expect(config.stalledAfterMs).toBe(60_000);
    expect(addressOf('order', config)).toEqual({ host: '127.0.0.1', port: 4103 });
    expect(addressOf('gateway', config)).toBeUndefined();
  });

  test('finds other services where the environment says', () => {
    const config = loadConfig(ServiceConfig, { ...complete, GRAPEVINE_SOCIAL_FEED_URL: 'tcp://social:7000' });
    expect(addressOf('social-feed', config)).toEqual({ host: 'social', port: 7000 });
  });

  test('finds every instance of a service, which itself listens at the first address', () => {
    const GRAPEVINE_ORDER_URL = 'tcp://one:1,tcp://two:2';
    const config = loadConfig(ServiceConfig, { ...complete, GRAPEVINE_ORDER_URL });
    expect(addressesOf('order', config)).toEqual([
      { host: 'one', port: 1 },
      { host: 'two', port: 2 },
    ]);
    expect(addressOf('order', config)).toEqual({ host: 'one', port: 1 });
  });

  test.each([
    ['LOG_LEVEL', 'loud', 'is none of trace, debug, info, warn, error, fatal, silent'],
    ['WAIT_MS', 'soon', 'is no number'],
    ['WAIT_MS', '1.5', 'is no whole number'],
    ['WAIT_MS', '-1', 'is less than 0'],
    ['WAIT_MS', '90', 'is more than 60'],
  ])('says what is wrong with %s=%s', (name, value, problem) => {
    const schema = ServiceConfig.extend({ waitMs: z.coerce.number().int().min(0).max(60).default(1) });
    const variables = { ...complete, [name]: value };
    expect(problemsOf(() => loadConfig(schema, variables))).toEqual([`${name} ${problem}`]);
  });

  test('names every variable that is missing or wrong', () => {
    const schema = ServiceConfig.extend({ paymentUrl: z.url('is not a URL') });
    const problems = problemsOf(() =>
      loadConfig(schema, {
        KAFKA_BROKERS: 'nowhere',
        MONGODB_URI: '',
        GRAPEVINE_NAMESPACE: 'A b',
        GRAPEVINE_CATALOG_URL: 'http://x',
        LOG_LEVEL: 'loud',
      }),
    );
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'KAFKA_BROKERS',
      'MONGODB_URI',
      'GRAPEVINE_NAMESPACE',
      'LOG_LEVEL',
      'GRAPEVINE_CATALOG_URL',
      'PAYMENT_URL',
    ]);
  });
});
