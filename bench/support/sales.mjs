// Which orders have become sales, read from the topic by an ordinary consumer.
import { Kafka, logLevel } from 'kafkajs';
import { setTimeout as pause } from 'node:timers/promises';

export class Sales {
  static async follow(brokers) {
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
    const sales = new Sales(kafka.consumer({ groupId: `bench-${Date.now()}`, maxWaitTimeInMs: 50 }));
    await sales.consumer.connect();
    await sales.consumer.subscribe({ topic: 'order.order.v1', fromBeginning: false });
    const joined = new Promise((resolve) => sales.consumer.on(sales.consumer.events.GROUP_JOIN, resolve));
    await sales.consumer.run({
      autoCommit: false,
      eachBatch: ({ batch }) => {
        for (const { key, headers } of batch.messages)
          if (String(headers.ce_type) === 'order.confirmed') sales.confirm(String(key));
        return Promise.resolve();
      },
    });
    await joined;
    return sales;
  }

  constructor(consumer) {
    this.consumer = consumer;
    this.confirmedAt = new Map();
    this.waiting = new Map();
  }

  confirm(id) {
    if (this.confirmedAt.has(id)) return;
    this.confirmedAt.set(id, performance.now());
    this.waiting.get(id)?.();
    this.waiting.delete(id);
  }

  /** Resolves when the order is a sale. */
  async of(id) {
    if (!this.confirmedAt.has(id)) await new Promise((resolve) => this.waiting.set(id, resolve));
  }

  get count() {
    return this.confirmedAt.size;
  }

  /** Waits until there are as many. False when that took too long. */
  async reach(count, withinMs) {
    const untilMs = performance.now() + withinMs;
    while (this.count < count && performance.now() < untilMs) await pause(20);
    return this.count >= count;
  }

  async close() {
    await this.consumer.disconnect();
  }
}
