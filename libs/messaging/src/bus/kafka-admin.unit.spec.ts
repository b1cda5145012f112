import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Kafka, type Admin } from 'kafkajs';
import { KafkaAdmin } from './kafka-admin.js';
import { BusClosedError } from './message-bus.js';

/** As kafkajs's: whatever is asked after `disconnect` connects once more, and nobody ends that. */
function adminWithoutLeaders(): { kafka: Kafka; isConnected: () => boolean; asked: () => number } {
  let isConnected = false;
  let asked = 0;
  const kafka = new Kafka({ brokers: ['127.0.0.1:1'] });
  const answer = async <T>(value: T): Promise<T> => {
    await pause(5);
    isConnected = true;
    return value;
  };
  const admin: Partial<Admin> = {
    connect: () => answer(undefined),
    disconnect: () => Promise.resolve(void (isConnected = false)),
    listTopics: () => answer(['a']),
    fetchTopicMetadata: () => {
      asked++;
      return answer({ topics: [{ name: 'a', partitions: [] }] });
    },
  };
  Object.assign(kafka, { admin: () => admin });
  return { kafka, isConnected: () => isConnected, asked: () => asked };
}

test('closed while it waits for the leaders of a topic, it gives up, and no connection is left', async () => {
  const broker = adminWithoutLeaders();
  const admin = new KafkaAdmin(broker.kafka, '', 1);
  const waiting = admin.run(() => admin.ensureTopics([{ topic: 'a' }]));
  const failed = expect(waiting).rejects.toBeInstanceOf(BusClosedError);
  while (broker.asked() < 2) await pause(1);

  await admin.close();

  await failed;
  expect(broker.isConnected()).toBe(false);
  await expect(admin.run(() => admin.endPositions(['a']))).rejects.toBeInstanceOf(BusClosedError);
});
