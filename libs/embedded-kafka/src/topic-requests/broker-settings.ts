import type { BrokerParts } from '../broker-parts.js';
import { minSessionTimeoutMs, maxSessionTimeoutMs } from '../group-requests/session-limits.js';
import { topicSettings } from '../log/topic-config.js';
import { documentationOf } from './setting-documentation.js';
import { nameAtBroker } from './setting-synonyms.js';
import { ValueType, valueTypeOf } from './value-type.js';

type Parts = Pick<BrokerParts, 'defaultPartitions' | 'autoCreateTopics' | 'node' | 'storage'>;

export interface BrokerSetting {
  /** Null where Kafka shows no value: it goes by another setting, as by log.retention.hours, or has none. */
  readonly value: string | null;
  readonly type: number;
  readonly documentation: string;
  /** Whether this is what Kafka has where nobody sets it. */
  readonly isDefault: boolean;
}

const { boolean, int, long, string } = ValueType;

const setting = (type: number, value: unknown, documentation: string, isDefault: boolean): BrokerSetting => {
  return { value: value === null ? null : String(value), type, documentation, isDefault };
};
const usual = (type: number, value: unknown, documentation: string) => setting(type, value, documentation, true);
const own = (type: number, value: unknown, documentation: string) => setting(type, value, documentation, false);

const retention = 'How long records are kept where their topic does not say it';

/** Where this broker does what Kafka does unless it is told otherwise. */
const defaults: Readonly<Record<string, BrokerSetting>> = {
  'authorizer.class.name': usual(string, '', 'Who decides what clients may do: nobody.'),
  'broker.rack': usual(string, null, 'Where the broker stands.'),
  'connections.max.idle.ms': usual(long, 600_000, 'How long a silent connection is kept, in milliseconds.'),
  'default.replication.factor': usual(
    int,
    1,
    'Replicas of a topic whose creator names no number: there is one broker.',
  ),
  'delete.topic.enable': usual(boolean, true, 'Whether topics can be deleted.'),
  'group.max.session.timeout.ms': usual(
    int,
    maxSessionTimeoutMs,
    'The longest session timeout of a consumer, in milliseconds.',
  ),
  'group.max.size': usual(int, 0x7fffffff, 'How many members a group may have.'),
  'group.min.session.timeout.ms': usual(
    int,
    minSessionTimeoutMs,
    'The shortest session timeout of a consumer, in milliseconds.',
  ),
  'log.cleaner.enable': usual(boolean, true, 'Whether topics are compacted that ask for it.'),
  'log.flush.interval.ms': usual(long, null, 'How long records may wait for their flush: they do not.'),
  'log.retention.hours': usual(int, 168, `${retention}, in hours.`),
  'log.retention.minutes': usual(int, null, `${retention}, in minutes; before log.retention.hours.`),
  'log.retention.ms': usual(long, null, `${retention}, in milliseconds; before the others.`),
  'max.connections': usual(int, 0x7fffffff, 'How many connections there may be.'),
  'max.connections.per.ip': usual(int, 0x7fffffff, 'How many connections there may be from one address.'),
  'offset.metadata.max.bytes': usual(
    int,
    4_096,
    'How long the text may be that is committed with an offset, in bytes.',
  ),
  'offsets.retention.minutes': usual(
    int,
    10_080,
    'How long the offsets of a group without members are kept, in minutes.',
  ),
  'producer.id.expiration.ms': usual(int, 86_400_000, 'How long an idle producer is remembered, in milliseconds.'),
  'security.inter.broker.protocol': usual(string, 'PLAINTEXT', 'How brokers talk to each other: there is one.'),
  'socket.request.max.bytes': usual(int, 104_857_600, 'The largest request, in bytes.'),
};

/** What is shown of the broker under Kafka's names. Nothing of it can be changed by clients. */
export function brokerSettings(parts: Parts): Readonly<Record<string, BrokerSetting>> {
  const { defaultPartitions, autoCreateTopics, node, storage } = parts;
  const listener = `PLAINTEXT://${node.host}:${node.port}`;
  const created = 'Whether a topic that a client asks for is created.';
  const partitions = 'Partitions of a topic whose creator names no number.';
  return {
    ...topicDefaults(),
    ...defaults,
    'advertised.listeners': own(string, listener, 'Where clients reach the broker.'),
    'auto.create.topics.enable': setting(boolean, autoCreateTopics, created, autoCreateTopics),
    'broker.id': own(int, node.id, 'The number of the broker.'),
    'group.initial.rebalance.delay.ms': own(
      int,
      200,
      'How long the first rebalance of a group waits for more members, in milliseconds.',
    ),
    listeners: own(string, listener, 'Where the broker listens.'),
    'log.dirs': own(string, storage.dataDir, 'The folder of the data.'),
    'log.flush.interval.messages': own(long, 1, 'Records are flushed to disk before they are acknowledged.'),
    'node.id': own(int, node.id, 'The number of the broker.'),
    'num.partitions': setting(int, defaultPartitions, partitions, defaultPartitions === 1),
  };
}

/** What topics have that do not say otherwise, under the names that their settings have at the broker. */
function topicDefaults(): Readonly<Record<string, BrokerSetting>> {
  const named = Object.entries(topicSettings).flatMap(([name, about]) => {
    const atBroker = nameAtBroker(name);
    if (atBroker === null) return [];
    return [[atBroker, usual(valueTypeOf(name, about), about.fallback, documentationOf(name))] as const];
  });
  return Object.fromEntries(named);
}
