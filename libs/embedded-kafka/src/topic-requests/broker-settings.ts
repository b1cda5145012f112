import type { BrokerParts } from '../broker-parts.js';
import { minSessionTimeoutMs, maxSessionTimeoutMs } from '../group-requests/session-limits.js';
import { ValueType } from './value-type.js';

type Parts = Pick<BrokerParts, 'defaultPartitions' | 'autoCreateTopics' | 'node'>;

export interface BrokerSetting {
  readonly value: string;
  readonly type: number;
}

const { boolean, int, list, long, string } = ValueType;
const of = (type: number, value: unknown): BrokerSetting => ({ value: String(value), type });

/** What is shown of the broker under Kafka's names. Nothing of it can be changed by clients. */
export function brokerSettings(parts: Parts): Readonly<Record<string, BrokerSetting>> {
  const { defaultPartitions, autoCreateTopics, node } = parts;
  const listener = `PLAINTEXT://${node.host}:${node.port}`;
  return {
    'advertised.listeners': of(string, listener),
    'auto.create.topics.enable': of(boolean, autoCreateTopics),
    'compression.type': of(string, 'producer'),
    'default.replication.factor': of(int, 1),
    'delete.topic.enable': of(boolean, true),
    'group.initial.rebalance.delay.ms': of(int, 200),
    'group.max.session.timeout.ms': of(int, maxSessionTimeoutMs),
    'group.min.session.timeout.ms': of(int, minSessionTimeoutMs),
    listeners: of(string, listener),
    'log.cleanup.policy': of(list, 'delete'),
    'log.flush.interval.messages': of(long, 1),
    'log.retention.bytes': of(long, -1),
    'log.retention.ms': of(long, 604_800_000),
    'message.max.bytes': of(int, 1_048_588),
    'min.insync.replicas': of(int, 1),
    'node.id': of(int, node.id),
    'num.partitions': of(int, defaultPartitions),
    'offsets.retention.minutes': of(int, 10_080),
  };
}
