/** A partition of a topic. Topic names are without the namespace: the bus adds and removes it. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface OutgoingMessage {
  readonly topic: string;
  /** Messages of one key keep their order: they go to one partition. */
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Where the key alone does not decide it. */
  readonly partition?: number;
}

export interface IncomingMessage extends TopicPartition {
  readonly offset: bigint;
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly headers: MessageHeaders;
}

/** Any map of text will do; that of Kafka reads no more of them than is asked for. */
export interface MessageHeaders extends Iterable<[name: string, value: string]> {
  get(name: string): string | undefined;
}

/** `offset` is the next one to be read, as Kafka counts it. */
export interface Position extends TopicPartition {
  readonly offset: bigint;
}

export interface TopicSpec {
  readonly topic: string;
  /** Kafka topic settings, for example `{ 'retention.ms': '604800000' }`. */
  readonly config?: Readonly<Record<string, string>>;
  /** Another topic that it has as many partitions as: one that is there, or among those that are made with it. */
  readonly like?: string;
}

export interface PublishOptions {
  /** Over a connection of its own, so that nothing else waits behind it. */
  readonly background?: boolean;
}

/** How far a group is behind on one partition, in messages. */
export interface PartitionLag extends TopicPartition {
  readonly lag: bigint;
}

/**
 * What happens to a subscription. No method may throw or block: a subscription only hands over, the work is done
 * elsewhere.
 */
export interface SubscriptionListener {
  /** The subscription has these partitions from here on, unpaused, starting at their committed offsets. */
  onAssigned(assignment: readonly TopicPartition[]): void;
  /** A rebalance began or the broker is away: what was delivered and not processed will be delivered again. */
  onRevoked(): void;
  /** Messages of one partition in their order; `endOffset` is where the partition ended when they were fetched. */
  onMessages(from: TopicPartition, messages: readonly IncomingMessage[], endOffset: bigint): void;
}

export interface SubscribeOptions {
  readonly group: string;
  /** For those who would rather have many messages at once than each at once: fetches wait up to half a second. */
  readonly patient?: boolean;
  /** For those who read what is there, and wait for nothing: fetches come back at once, also when it is paused or closed. */
  readonly brief?: boolean;
  readonly topics: readonly string[];
  readonly listener: SubscriptionListener;
  /**
   * Where to start instead of the group's committed offsets (asked at each assignment). A group without either starts
   * at the beginning.
   */
  readonly positions?: () => readonly Position[];
}

export interface Subscription {
  /** Resolves when the group has been joined for the first time; rejects with BusClosedError when closed before. */
  readonly joined: Promise<void>;
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
  /** @throws when the broker is away or the group has moved on; the offsets are still uncommitted then. */
  commit(positions: readonly Position[]): Promise<void>;
  /** Leaves the group. */
  close(): Promise<void>;
}

/** The broker as this platform uses it. One adapter: Kafka. */
export interface MessageBus {
  /**
   * Appends messages and returns when all in-sync replicas have them. In order for each key as long as calls with the
   * same key are awaited.
   * @throws MessageRefusedError when the broker will never take one of them; anything else when it is unknown whether
   * they arrived: sending them again may double them.
   */
  publish(messages: readonly OutgoingMessage[], options?: PublishOptions): Promise<void>;
  /** Returns at once; joins in the background and keeps the subscription alive until it is closed. */
  subscribe(options: SubscribeOptions): Subscription;
  /** Creates the topics that are missing and waits for their leaders. Several callers may race. */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;
  /** Where each partition of the topics ends now. */
  endPositions(topics: readonly string[]): Promise<Position[]>;
  /** Where each partition of the topics begins: retention takes away what is before. */
  startPositions(topics: readonly string[]): Promise<Position[]>;
  /** The first events of each partition from a time on; where there are none, the end. */
  positionsAt(topics: readonly string[], time: Date): Promise<Position[]>;
  /** What a group has committed; partitions of which it has not are left out. */
  committed(group: string, topics: readonly string[]): Promise<Position[]>;
  /** How far a group is behind; what it never read counts in full. */
  lag(group: string, topics: readonly string[]): Promise<PartitionLag[]>;
  /** How many members a group has now. */
  memberCount(group: string): Promise<number>;
  /** Forgets a group without members, with its offsets. */
  deleteGroup(group: string): Promise<void>;
  /** Closes all subscriptions and connections. Calls that wait for the broker fail with BusClosedError. */
  close(): Promise<void>;
}

/** The broker is there, and refuses a message for what it is: it is larger than its topic allows. */
export class MessageRefusedError extends Error {
  readonly code = 'MESSAGING.MESSAGE_REFUSED';

  constructor(cause: Error) {
    super(cause.message, { cause });
    this.name = 'MessageRefusedError';
  }
}

/** The bus was closed while something waited for it. */
export class BusClosedError extends Error {
  readonly code = 'MESSAGING.BUS_CLOSED';

  constructor() {
    super('the message bus is closed');
    this.name = 'BusClosedError';
  }
}
