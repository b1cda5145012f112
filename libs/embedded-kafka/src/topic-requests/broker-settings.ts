import type { BrokerParts } from '../broker-parts.js';
import { minSessionTimeoutMs, maxSessionTimeoutMs } from '../group-requests/session-limits.js';
import { ValueType } from './value-type.js';

type Parts = Pick<BrokerParts, 'defaultPartitions' | 'autoCreateTopics' | 'node'>;

export interface BrokerSetting {
  readonly value: string;
  readonly type: number;
  readonly documentation: string;
}

const { boolean, int, list, long, string } = ValueType;
const of = (type: number, value: unknown, documentation: string): BrokerSetting => {
  return { value: String(value), type, documentation };
};

/** What is shown of the broker under Kafka's names. Nothing of it can be changed by clients. */
export function brokerSettings(parts: Parts): Readonly<Record<string, BrokerSetting>> {
  const { defaultPartitions, autoCreateTopics, node } = parts;
  const listener = `PLAINTEXT://${node.host}:${node.port}`;
  return {
    'advertised.listeners': of(string, listener, 'Where clients reach the broker.'),
    'auto.create.topics.enable': of(boolean, autoCreateTopics, 'Whether a topic that a client asks for is created.'),
    'compression.type': of(string, 'producer', 'Batches are stored as their producer has compressed them.'),
    'default.replication.factor': of(int, 1, 'Replicas of a topic whose creator names no number: there is one broker.'),
    'delete.topic.enable': of(boolean, true, 'Whether topics can be deleted.'),
    'group.initial.rebalance.delay.ms': of(
      int,
      200,
      'How long the first rebalance of a group waits for more members, in milliseconds.',
    ),
    'group.max.session.timeout.ms': of(
      int,
      maxSessionTimeoutMs,
      'The longest session timeout of a consumer, in milliseconds.',
    ),
    'group.min.session.timeout.ms': of(
      int,
      minSessionTimeoutMs,
      'The shortest session timeout of a consumer, in milliseconds.',
    ),
    listeners: of(string, listener, 'Where the broker listens.'),
    'log.cleanup.policy': of(list, 'delete', 'What happens to old records of topics that do not say it.'),
    'log.flush.interval.messages': of(long, 1, 'Records are flushed to disk before they are acknowledged.'),
    'log.retention.bytes': of(long, -1, 'How many bytes a partition may hold where its topic does not say it.'),
    'log.retention.ms': of(
      long,
      604_800_000,
      'How long records are kept where their topic does not say it, in milliseconds.',
    ),
    'message.max.bytes': of(int, 1_048_588, 'The largest batch where its topic does not say it, in bytes.'),
    'min.insync.replicas': of(int, 1, 'Replicas that must have a record before it is acknowledged: there is one.'),
    'node.id': of(int, node.id, 'The number of the broker.'),
    'num.partitions': of(int, defaultPartitions, 'Partitions of a topic whose creator names no number.'),
    'offsets.retention.minutes': of(
      int,
      10_080,
      'How long the offsets of a group without members are kept, in minutes.',
    ),
  };
}
