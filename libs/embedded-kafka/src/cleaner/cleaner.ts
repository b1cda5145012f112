import type { BrokerParts } from '../broker-parts.js';
import type { Partition } from '../log/partition.js';
import type { Gate } from '../server/gate.js';
import type { Topic } from '../topics/topics.js';
import type { CleanerParts } from './cleaner-parts.js';
import { compact } from './compaction.js';
import { removeGarbage } from './garbage.js';
import { reclaim } from './reclaim.js';
import { retain, trim } from './retention.js';

/** Kafka's producer.id.expiration.ms: after that much silence an idempotent producer is forgotten. */
const producerExpirationMs = 24 * 60 * 60 * 1000;

/** Retention, compaction, and the removal of all that has been deleted or forgotten; one run at a time. */
export class Cleaner {
  readonly #parts: CleanerParts;
  readonly #stop = new AbortController();
  readonly #gate: Gate;
  #cancel: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: Omit<BrokerParts, 'node'>, gate: Gate) {
    this.#parts = { ...parts, signal: this.#stop.signal };
    this.#gate = gate;
  }

  /** Runs again and again, `intervalMs` after the end of the run before. */
  start(intervalMs: number): void {
    this.#cancel = this.#parts.clock.after(intervalMs, () => {
      void this.run().then(() => {
        if (!this.#stop.signal.aborted) this.start(intervalMs);
      });
    });
  }

  /** Resolves after one run. What goes wrong is reported, and tried again by the next run. */
  run(): Promise<void> {
    this.#running = this.#running.then(() => this.#clean());
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#cancel();
    await this.#running;
  }

  async #clean(): Promise<void> {
    const { topics, groups } = this.#parts;
    await this.#attempt(() => removeGarbage(this.#parts));
    for (const topic of topics.all()) {
      for (const partition of topic.partitions) await this.#attempt(() => this.#cleanPartition(topic, partition));
    }
    await this.#attempt(() => groups.expire());
    await this.#attempt(() => reclaim(this.#parts));
  }

  async #cleanPartition({ config }: Topic, partition: Partition): Promise<void> {
    if (partition.isDeleted) return;
    if (partition.highWatermark > 0) {
      await retain(this.#parts, partition, config);
      await trim(this.#parts, partition);
      await compact(this.#parts, partition, config);
    }
    await this.#forgetProducers(partition);
  }

  async #forgetProducers(partition: Partition): Promise<void> {
    const limitMs = this.#parts.clock.now() - producerExpirationMs;
    const silent = [...partition.producers].filter(([, { lastSeenMs }]) => lastSeenMs < limitMs);
    const forget = silent.map(([producerId]) =>
      this.#parts.commits.submit((writes) => {
        // It may have been heard in the meantime.
        const isSilent = (partition.producers.get(producerId)?.lastSeenMs ?? 0) < limitMs;
        return isSilent ? partition.prepareForget(writes, producerId) : { result: undefined };
      }),
    );
    await Promise.all(forget);
  }

  async #attempt(step: () => Promise<void>): Promise<void> {
    try {
      await this.#gate.passed();
      if (!this.#stop.signal.aborted) await step();
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#parts.report(error);
    }
  }
}
