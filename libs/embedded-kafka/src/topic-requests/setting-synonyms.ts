/** Settings of a topic whose default the broker keeps under a name of its own, or under none. */
const namesAtBroker: Readonly<Record<string, string | null>> = {
  'compression.gzip.level': 'compression.gzip.level',
  'compression.lz4.level': 'compression.lz4.level',
  'compression.type': 'compression.type',
  'compression.zstd.level': 'compression.zstd.level',
  'delete.retention.ms': 'log.cleaner.delete.retention.ms',
  'file.delete.delay.ms': 'log.segment.delete.delay.ms',
  'flush.messages': 'log.flush.interval.messages',
  'flush.ms': null,
  'follower.replication.throttled.replicas': null,
  'leader.replication.throttled.replicas': null,
  'max.compaction.lag.ms': 'log.cleaner.max.compaction.lag.ms',
  'max.message.bytes': 'message.max.bytes',
  'min.cleanable.dirty.ratio': 'log.cleaner.min.cleanable.ratio',
  'min.compaction.lag.ms': 'log.cleaner.min.compaction.lag.ms',
  'min.insync.replicas': 'min.insync.replicas',
  'remote.log.copy.disable': null,
  'remote.log.delete.on.disable': null,
  'remote.storage.enable': null,
  'retention.ms': null,
  'segment.index.bytes': 'log.index.size.max.bytes',
  'segment.jitter.ms': null,
  'segment.ms': null,
  'unclean.leader.election.enable': 'unclean.leader.election.enable',
};

/**
 * Where Kafka takes a topic's setting from when the topic does not have it: the broker's setting that it shows as a
 * synonym. Null where it shows none, as for those that the broker has in several units (log.retention.hours).
 */
export function nameAtBroker(topicSetting: string): string | null {
  const name = namesAtBroker[topicSetting];
  return name === undefined ? `log.${topicSetting}` : name;
}
