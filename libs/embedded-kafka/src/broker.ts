import { randomUUID } from 'node:crypto';
import { lockFolder } from '#embedded-disk';
import type { BrokerParts } from './broker-parts.js';
import { Cleaner } from './cleaner/cleaner.js';
import { type Clock, systemClock } from './clock.js';
import { DataLockedError } from './errors.js';
import { Groups } from './groups/groups.js';
import { FetchWaits } from './log-requests/fetch-waits.js';
import { routesOf } from './routes.js';
import { Gate, gatedClock } from './server/gate.js';
import { Listener } from './server/listener.js';
import { Unread } from './server/unread.js';
import { CommitQueue } from './storage/commit-queue.js';
import { delayedStore } from './storage/delayed-store.js';
import { Storage } from './storage/storage.js';
import { ResourceSettings } from './topics/resource-settings.js';
import { Topics } from './topics/topics.js';
import type { WorkerSettings } from './worker.messages.js';

/** As broker.id in the settings that Kafka came with before KRaft; software with numbers of its own begins there, too. */
const nodeId = 0;
/** Kafka waits 3 s by default; here a developer waits. */
const initialRebalanceDelayMs = 200;
/** Kafka's socket.request.max.bytes. Memory is taken only for what has arrived. */
const maxFrameBytes = 100 * 1024 * 1024;
/** Kafka's connections.max.idle.ms. */
const maxIdleMs = 10 * 60 * 1000;

/** The broker itself, in whatever thread it runs. */
export class Broker {
  readonly #parts: BrokerParts;
  readonly #gate: Gate;
  readonly #listener: Listener;
  readonly #releaseData: () => void;
  readonly cleaner: Cleaner;

  private constructor(settings: WorkerSettings, clock: Clock, report: BrokerParts['report'], storage: Storage) {
    this.#releaseData = lockFolder(settings.dataDir, (pid) => new DataLockedError(settings.dataDir, pid));
    this.#recover(storage);
    this.#gate = new Gate();
    const gated = gatedClock(clock, this.#gate);
    const commits = new CommitQueue(delayedStore(storage, clock, settings.flushDelayMs));
    const newMemberId = (prefix: string) => `${prefix}-${randomUUID()}`;
    const { forgetMembers } = settings;
    const groupsOptions = {
      clock: gated,
      initialDelayMs: initialRebalanceDelayMs,
      newMemberId,
      forgetMembers,
      report,
    };
    this.#parts = {
      node: { id: nodeId, host: settings.host, port: settings.port },
      clock: gated,
      storage,
      commits,
      topics: new Topics(storage, commits, clock),
      settings: new ResourceSettings(storage, commits),
      groups: new Groups(storage, commits, groupsOptions),
      fetchWaits: new FetchWaits(gated),
      unread: new Unread(),
      defaultPartitions: settings.partitions,
      autoCreateTopics: settings.autoCreateTopics,
      report,
    };
    this.cleaner = new Cleaner(this.#parts, this.#gate);
    const { unread } = this.#parts;
    const limits = { maxFrameBytes, maxIdleMs };
    this.#listener = new Listener({ routes: routesOf(this.#parts), gate: this.#gate, unread, report, ...limits });
  }

  /** Rejects with DataVersionError, DataLockedError, StorageError, or the listener's error (EADDRINUSE). */
  static async start(settings: WorkerSettings, report: BrokerParts['report'], clock = systemClock): Promise<Broker> {
    const storage = new Storage(settings.dataDir, settings.reserveBytes);
    try {
      const broker = new Broker(settings, clock, report, storage);
      await broker.#listen();
      broker.cleaner.start(settings.cleanIntervalMs);
      return broker;
    } catch (error) {
      await storage.close();
      throw error;
    }
  }

  #recover(storage: Storage): void {
    try {
      storage.recover();
    } catch (error) {
      this.#releaseData();
      throw error;
    }
  }

  get port(): number {
    return this.#parts.node.port;
  }

  async #listen(): Promise<void> {
    const { node, groups } = this.#parts;
    try {
      node.port = await this.#listener.listen(node.host, node.port);
    } catch (error) {
      groups.close();
      this.#releaseData();
      throw error;
    }
  }

  pause(): void {
    this.#gate.close();
  }

  resume(): void {
    this.#gate.open();
  }

  /** Answers what can be answered at once, finishes the writes, and lets go of port and files. */
  async close(): Promise<void> {
    const { fetchWaits, groups, commits, storage, report } = this.#parts;
    fetchWaits.close();
    groups.close();
    await Promise.all([this.#listener.close(), this.cleaner.stop()]);
    await commits.drained();
    // Those who were cut off may have set new timers while the listener closed, and changed groups.
    groups.close();
    await commits.drained();
    // While the data are still this process's. What cannot be stored now is read from the data files at the next start.
    await storage.settle().catch(report);
    this.#releaseData();
    await storage.close();
  }
}
