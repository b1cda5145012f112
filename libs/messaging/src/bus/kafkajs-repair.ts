import { createRequire } from 'node:module';

/** What is needed of the class in which kafkajs keeps the requests of a connection. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

const require = createRequire(import.meta.url);

/**
 * kafkajs (2.2.4) looks again and again for requests that wait, whether there are any or not: from the first answer on
 * each connection has a timer of 1 ms for as long as it lives, and a process with dozens of them is never idle. Here a
 * queue that is empty has no timer; a request that has to wait sets it.
 */
export function repairKafkajs(): void {
  const { prototype } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  if (repaired.has(prototype)) return;
  repaired.add(prototype);
  const { scheduleCheckPendingRequests } = prototype;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) scheduleCheckPendingRequests.call(this);
  };
}

const repaired = new WeakSet<RequestQueue>();
