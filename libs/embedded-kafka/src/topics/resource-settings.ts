import { type ConfigValues, type Setting, valueFits } from '../log/topic-config.js';
import type { CommitQueue } from '../storage/commit-queue.js';
import type { Storage } from '../storage/storage.js';

export type Configurable = 'broker' | 'group';

type ChangeableSetting = Omit<Setting, 'fallback'> & {
  /** Null for what is shown only where it is set. */
  readonly fallback: string | null;
};

const throttle: ChangeableSetting = { fallback: null, kind: 'long', min: 0 };
const heartbeat: ChangeableSetting = { fallback: '5000', kind: 'int', min: 5_000, max: 15_000 };
const session: ChangeableSetting = { fallback: '45000', kind: 'int', min: 45_000, max: 60_000 };

/**
 * Settings that clients may change of what is no topic. None has an effect on a single broker without SASL: throttles,
 * which Kafka's tools take away when partitions have moved, and what holds only for newer kinds of groups (KIP-848, shares, streams). Others are refused
 * rather than kept for nothing.
 */
export const changeableSettings: Readonly<Record<Configurable, Readonly<Record<string, ChangeableSetting>>>> = {
  broker: {
    'follower.replication.throttled.rate': throttle,
    'leader.replication.throttled.rate': throttle,
    'replica.alter.log.dirs.io.max.bytes.per.second': throttle,
    'sasl.kerberos.min.time.before.relogin': { fallback: '60000', kind: 'long' },
  },
  group: {
    'consumer.heartbeat.interval.ms': heartbeat,
    'consumer.session.timeout.ms': session,
    'share.auto.offset.reset': { fallback: 'latest', kind: { oneOf: ['latest', 'earliest'] } },
    'share.heartbeat.interval.ms': heartbeat,
    'share.isolation.level': { fallback: 'read_uncommitted', kind: { oneOf: ['read_committed', 'read_uncommitted'] } },
    'share.record.lock.duration.ms': { fallback: '30000', kind: 'int', min: 15_000, max: 60_000 },
    'share.session.timeout.ms': session,
    'streams.heartbeat.interval.ms': heartbeat,
    'streams.num.standby.replicas': { fallback: '0', kind: 'int', min: 0, max: 2 },
    'streams.session.timeout.ms': session,
  },
};

/** Why a setting is not changed, or null. */
export function problemOfResourceSetting(kind: Configurable, name: string, value: string | null): string | null {
  const setting = changeableSettings[kind][name];
  if (setting === undefined) return `${name} cannot be changed of a running ${kind}.`;
  if (value === null) return `Null value not supported for ${kind} config: ${name}`;
  return valueFits(setting, value) ? null : `Invalid value ${value} for configuration ${name}`;
}

/** What clients have set on brokers and groups; '' stands for all brokers. A change is made in memory when it is on disk. */
export class ResourceSettings {
  readonly #commits: CommitQueue;
  readonly #values = new Map<string, ConfigValues>();

  constructor(storage: Storage, commits: CommitQueue) {
    this.#commits = commits;
    for (const { key, value } of storage.stateUnder<ConfigValues>(['settings']))
      this.#values.set(String(key[1]), value);
  }

  of(kind: Configurable, name: string): ConfigValues {
    return this.#values.get(`${kind}:${name}`) ?? {};
  }

  /** What has any settings of its own. */
  names(kind: Configurable): string[] {
    const prefix = `${kind}:`;
    const found = [...this.#values].filter(([key, values]) => key.startsWith(prefix) && Object.keys(values).length > 0);
    return found.map(([key]) => key.slice(prefix.length));
  }

  configure(kind: Configurable, name: string, values: ConfigValues): Promise<void> {
    const key = `${kind}:${name}`;
    return this.#commits.submit((writes) => {
      writes.putState(['settings', key], values);
      return { result: undefined, committed: () => this.#values.set(key, values) };
    });
  }
}
