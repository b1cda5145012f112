type Kind = 'integer' | 'number' | 'boolean' | 'text' | readonly string[];

interface Setting {
  readonly fallback: string;
  readonly kind: Kind;
  /** Lowest allowed value of a number. */
  readonly min?: number;
}

const forever = '9223372036854775807';

/** Apache Kafka 4's topic settings with its defaults. Those without effect here are kept and shown all the same. */
export const topicSettings: Readonly<Record<string, Setting>> = {
  'cleanup.policy': { fallback: 'delete', kind: ['delete', 'compact'] },
  'compression.gzip.level': { fallback: '-1', kind: 'integer', min: -1 },
  'compression.lz4.level': { fallback: '9', kind: 'integer', min: 1 },
  'compression.type': { fallback: 'producer', kind: 'text' },
  'compression.zstd.level': { fallback: '3', kind: 'integer', min: -131_072 },
  'delete.retention.ms': { fallback: '86400000', kind: 'integer', min: 0 },
  'file.delete.delay.ms': { fallback: '60000', kind: 'integer', min: 0 },
  'flush.messages': { fallback: forever, kind: 'integer', min: 1 },
  'flush.ms': { fallback: forever, kind: 'integer', min: 0 },
  'follower.replication.throttled.replicas': { fallback: '', kind: 'text' },
  'index.interval.bytes': { fallback: '4096', kind: 'integer', min: 0 },
  'leader.replication.throttled.replicas': { fallback: '', kind: 'text' },
  'local.retention.bytes': { fallback: '-2', kind: 'integer', min: -2 },
  'local.retention.ms': { fallback: '-2', kind: 'integer', min: -2 },
  'max.compaction.lag.ms': { fallback: forever, kind: 'integer', min: 1 },
  'max.message.bytes': { fallback: '1048588', kind: 'integer', min: 0 },
  'message.timestamp.after.max.ms': { fallback: '3600000', kind: 'integer', min: 0 },
  'message.timestamp.before.max.ms': { fallback: forever, kind: 'integer', min: 0 },
  'message.timestamp.type': { fallback: 'CreateTime', kind: ['CreateTime', 'LogAppendTime'] },
  'min.cleanable.dirty.ratio': { fallback: '0.5', kind: 'number', min: 0 },
  'min.compaction.lag.ms': { fallback: '0', kind: 'integer', min: 0 },
  'min.insync.replicas': { fallback: '1', kind: 'integer', min: 1 },
  preallocate: { fallback: 'false', kind: 'boolean' },
  'remote.log.copy.disable': { fallback: 'false', kind: 'boolean' },
  'remote.log.delete.on.disable': { fallback: 'false', kind: 'boolean' },
  'remote.storage.enable': { fallback: 'false', kind: 'boolean' },
  'retention.bytes': { fallback: '-1', kind: 'integer', min: -1 },
  'retention.ms': { fallback: '604800000', kind: 'integer', min: -1 },
  'segment.bytes': { fallback: '1073741824', kind: 'integer', min: 14 },
  'segment.index.bytes': { fallback: '10485760', kind: 'integer', min: 4 },
  'segment.jitter.ms': { fallback: '0', kind: 'integer', min: 0 },
  'segment.ms': { fallback: '604800000', kind: 'integer', min: 1 },
  'unclean.leader.election.enable': { fallback: 'false', kind: 'boolean' },
};

export type ConfigValues = Readonly<Record<string, string>>;

/** Whether several values may stand in it, divided by commas. */
export function isListSetting(name: string): boolean {
  return name === 'cleanup.policy' || name.endsWith('.replication.throttled.replicas');
}

/** Why Kafka would refuse the setting, or null. */
export function problemOfSetting(name: string, value: string | null): string | null {
  const setting = topicSettings[name];
  if (setting === undefined) return `Unknown topic config name: ${name}`;
  if (value === null) return `Null value not supported for topic config: ${name}`;
  return valueFits(setting, value) ? null : `Invalid value ${value} for configuration ${name}`;
}

function valueFits({ kind, min = Number.NEGATIVE_INFINITY }: Setting, value: string): boolean {
  if (kind === 'text') return true;
  if (kind === 'boolean') return value === 'true' || value === 'false';
  if (kind === 'integer') return /^-?\d{1,19}$/.test(value) && Number(value) >= min;
  if (kind === 'number') return value.trim() !== '' && Number.isFinite(Number(value)) && Number(value) >= min;
  return value.split(',').every((part) => kind.includes(part.trim()));
}

/** The settings that this broker acts on. Times in milliseconds; Infinity where Kafka has no limit. */
export interface TopicConfig {
  readonly compacted: boolean;
  readonly deletes: boolean;
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly deleteRetentionMs: number;
  readonly minCompactionLagMs: number;
  readonly minCleanableDirtyRatio: number;
  readonly maxMessageBytes: number;
  readonly appendTime: boolean;
  readonly timestampAfterMaxMs: number;
  readonly timestampBeforeMaxMs: number;
}

export function topicConfigOf(values: ConfigValues): TopicConfig {
  const text = (name: string): string => values[name] ?? topicSettings[name]?.fallback ?? '';
  const limit = (name: string): number => (Number(text(name)) < 0 ? Number.POSITIVE_INFINITY : Number(text(name)));
  const policies = text('cleanup.policy')
    .split(',')
    .map((policy) => policy.trim());
  return {
    compacted: policies.includes('compact'),
    deletes: policies.includes('delete'),
    retentionMs: limit('retention.ms'),
    retentionBytes: limit('retention.bytes'),
    deleteRetentionMs: limit('delete.retention.ms'),
    minCompactionLagMs: limit('min.compaction.lag.ms'),
    minCleanableDirtyRatio: Number(text('min.cleanable.dirty.ratio')),
    maxMessageBytes: limit('max.message.bytes'),
    appendTime: text('message.timestamp.type') === 'LogAppendTime',
    timestampAfterMaxMs: limit('message.timestamp.after.max.ms'),
    timestampBeforeMaxMs: limit('message.timestamp.before.max.ms'),
  };
}
