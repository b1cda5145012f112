import { expect, test } from '@jest/globals';
import { eventually } from '#testing';
import type { BrokerUnderTest } from './broker-under-test.js';

/** A client's events, its first request of the kind, and its end. */
interface Attempt {
  onTimeout(count: () => void): unknown;
  ask(): Promise<unknown>;
  end(): Promise<void>;
}

/**
 * Clients whose requests may take a millisecond only, as in kafkajs's own tests of its timeouts: what writes to the disk
 * of the cluster takes longer on any broker.
 */
export function impatientClientFeatures(broker: () => BrokerUnderTest): void {
  const impatient = () => {
    const options = { requestTimeout: 1, enforceRequestTimeout: true, retry: { retries: 0 } };
    return broker().kafka(options);
  };

  const creation = (): Attempt => {
    const admin = impatient().admin();
    const topics = [{ topic: broker().name() }];
    return {
      onTimeout: (count) => admin.on(admin.events.REQUEST_TIMEOUT, count),
      ask: () => admin.connect().then(() => admin.createTopics({ waitForLeaders: false, topics })),
      end: () => admin.disconnect(),
    };
  };

  const firstGeneration = (): Attempt => {
    const consumer = impatient().consumer({ groupId: broker().name('group'), rebalanceTimeout: 1_000 });
    return {
      onTimeout: (count) => consumer.on(consumer.events.REQUEST_TIMEOUT, count),
      ask: () => consumer.connect().then(() => consumer.run({ eachMessage: async () => undefined })),
      end: () => consumer.disconnect(),
    };
  };

  test.each([
    { what: 'the creation of a topic', attempt: creation },
    { what: 'the first generation of a group', attempt: firstGeneration },
  ])('are told that $what was too slow for them', async ({ attempt }) => {
    // As often as it takes: a broker may be quicker for once, and the connection itself too slow.
    await eventually(async () => {
      let timeouts = 0;
      const { onTimeout, ask, end } = attempt();
      onTimeout(() => void (timeouts += 1));
      await ask().catch(() => undefined);
      await end();
      expect(timeouts).toBeGreaterThan(0);
    });
  });
}
