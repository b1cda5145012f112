import { expect, test } from '@jest/globals';
import { eventually } from '#testing';
import type { BrokerUnderTest } from './broker-under-test.js';

/**
 * Clients whose requests may take a millisecond only, as in kafkajs's own tests of its timeouts: what writes to the disk
 * of the cluster takes longer on any broker.
 */
export function impatientClientFeatures(broker: () => BrokerUnderTest): void {
  const impatient = () => {
    const options = { requestTimeout: 1, enforceRequestTimeout: true, retry: { retries: 0 } };
    return broker().kafka(options);
  };

  /** As often as it takes: a broker may be quicker for once, and the connection itself too slow. */
  const untilTooSlow = (attempt: () => Promise<number>) =>
    eventually(async () => expect(await attempt()).toBeGreaterThan(0));

  test('are told that the creation of a topic was too slow for them', () =>
    untilTooSlow(async () => {
      const admin = impatient().admin();
      let timeouts = 0;
      admin.on(admin.events.REQUEST_TIMEOUT, () => void (timeouts += 1));
      const create = () => admin.createTopics({ waitForLeaders: false, topics: [{ topic: broker().name() }] });
      await admin
        .connect()
        .then(create)
        .catch(() => undefined);
      await admin.disconnect();
      return timeouts;
    }));

  test('are told that the first generation of a group was too slow for them', () =>
    untilTooSlow(async () => {
      const consumer = impatient().consumer({ groupId: broker().name('group'), rebalanceTimeout: 1_000 });
      let timeouts = 0;
      consumer.on(consumer.events.REQUEST_TIMEOUT, () => void (timeouts += 1));
      const run = () => consumer.run({ eachMessage: async () => undefined });
      await consumer
        .connect()
        .then(run)
        .catch(() => undefined);
      await consumer.disconnect();
      return timeouts;
    }));
}
