import type { Clock } from './clock.js';
import type { Groups } from './groups/groups.js';
import type { FetchWaits } from './log-requests/fetch-waits.js';
import type { Unread } from './server/unread.js';
import type { CommitQueue } from './storage/commit-queue.js';
import type { Storage } from './storage/storage.js';
import type { ResourceSettings } from './topics/resource-settings.js';
import type { Topics } from './topics/topics.js';

/** The only broker of the cluster, as clients are told of it. */
export interface BrokerNode {
  readonly id: number;
  readonly host: string;
  /** Known once the broker listens. */
  port: number;
}

/** What the requests work on. */
export interface BrokerParts {
  readonly node: BrokerNode;
  readonly clock: Clock;
  readonly storage: Storage;
  readonly commits: CommitQueue;
  readonly topics: Topics;
  readonly settings: ResourceSettings;
  readonly groups: Groups;
  readonly fetchWaits: FetchWaits;
  readonly unread: Unread;
  /** Partitions of a topic whose creator asks for the broker's default. */
  readonly defaultPartitions: number;
  /** Whether a topic that a client asks for is created. */
  readonly autoCreateTopics: boolean;
  /** Told of what is the disk's fault or the broker's own, never a client's. */
  readonly report: (error: unknown) => void;
}
