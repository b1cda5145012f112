import type { BrokerParts } from '../broker-parts.js';
import { minSessionTimeoutMs, maxSessionTimeoutMs } from '../group-requests/session-limits.js';

type Parts = Pick<BrokerParts, 'defaultPartitions' | 'autoCreateTopics'>;

/** What is shown of the broker under Kafka's names. Nothing of it can be changed by clients. */
export function brokerSettings({ defaultPartitions, autoCreateTopics }: Parts): Readonly<Record<string, string>> {
  return {
    'auto.create.topics.enable': String(autoCreateTopics),
    'compression.type': 'producer',
    'default.replication.factor': '1',
    'delete.topic.enable': 'true',
    'group.initial.rebalance.delay.ms': '200',
    'group.max.session.timeout.ms': String(maxSessionTimeoutMs),
    'group.min.session.timeout.ms': String(minSessionTimeoutMs),
    'log.cleanup.policy': 'delete',
    'log.flush.interval.messages': '1',
    'log.retention.bytes': '-1',
    'log.retention.ms': '604800000',
    'message.max.bytes': '1048588',
    'min.insync.replicas': '1',
    'num.partitions': String(defaultPartitions),
    'offsets.retention.minutes': '10080',
  };
}
