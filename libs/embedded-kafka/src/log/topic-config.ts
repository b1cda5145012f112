/** What may stand in a setting: numbers of 32 and 64 bits, others, one of several words, or some of them. */
type Kind =
  | 'int'
  | 'long'
  | 'number'
  | 'boolean'
  | 'replicas'
  | { readonly oneOf: readonly string[] }
  | { readonly someOf: readonly string[] };

export interface Setting {
  readonly fallback: string;
  readonly kind: Kind;
  /** Lowest and highest allowed value of a number. */
  readonly min?: number;
  readonly max?: number;
}

const forever = '9223372036854775807';

/** Apache Kafka 4's topic settings with its defaults. Those without effect here are kept and shown all the same. */
export const topicSettings: Readonly<Record<string, Setting>> = {
  'cleanup.policy': { fallback: 'delete', kind: { someOf: ['delete', 'compact'] } },
  'compression.gzip.level': { fallback: '-1', kind: { oneOf: ['-1', ...'123456789'] } },
  'compression.lz4.level': { fallback: '9', kind: 'int', min: 1, max: 17 },
  'compression.type': {
    fallback: 'producer',
    kind: { oneOf: ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'] },
  },
  'compression.zstd.level': { fallback: '3', kind: 'int', min: -131_072, max: 22 },
  'delete.retention.ms': { fallback: '86400000', kind: 'long', min: 0 },
  'file.delete.delay.ms': { fallback: '60000', kind: 'long', min: 0 },
  'flush.messages': { fallback: forever, kind: 'long', min: 1 },
  'flush.ms': { fallback: forever, kind: 'long', min: 0 },
  'follower.replication.throttled.replicas': { fallback: '', kind: 'replicas' },
  'index.interval.bytes': { fallback: '4096', kind: 'int', min: 0 },
  'leader.replication.throttled.replicas': { fallback: '', kind: 'replicas' },
  'local.retention.bytes': { fallback: '-2', kind: 'long', min: -2 },
  'local.retention.ms': { fallback: '-2', kind: 'long', min: -2 },
  'max.compaction.lag.ms': { fallback: forever, kind: 'long', min: 1 },
  'max.message.bytes': { fallback: '1048588', kind: 'int', min: 0 },
  'message.timestamp.after.max.ms': { fallback: '3600000', kind: 'long', min: 0 },
  'message.timestamp.before.max.ms': { fallback: forever, kind: 'long', min: 0 },
  'message.timestamp.type': { fallback: 'CreateTime', kind: { oneOf: ['CreateTime', 'LogAppendTime'] } },
  'min.cleanable.dirty.ratio': { fallback: '0.5', kind: 'number', min: 0, max: 1 },
  'min.compaction.lag.ms': { fallback: '0', kind: 'long', min: 0 },
  'min.insync.replicas': { fallback: '1', kind: 'int', min: 1 },
  preallocate: { fallback: 'false', kind: 'boolean' },
  'remote.log.copy.disable': { fallback: 'false', kind: 'boolean' },
  'remote.log.delete.on.disable': { fallback: 'false', kind: 'boolean' },
  'remote.storage.enable': { fallback: 'false', kind: { oneOf: ['false'] } },
  'retention.bytes': { fallback: '-1', kind: 'long' },
  'retention.ms': { fallback: '604800000', kind: 'long', min: -1 },
  'segment.bytes': { fallback: '1073741824', kind: 'int', min: 1024 * 1024 },
  'segment.index.bytes': { fallback: '10485760', kind: 'int', min: 4 },
  'segment.jitter.ms': { fallback: '0', kind: 'long', min: 0 },
  'segment.ms': { fallback: '604800000', kind: 'long', min: 1 },
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

const bitsOf = { int: 32, long: 64 } as const;

export function valueFits({ kind, ...range }: Omit<Setting, 'fallback'>, value: string): boolean {
  const text = value.trim();
  if (typeof kind === 'object') return 'oneOf' in kind ? kind.oneOf.includes(text) : isListOf(kind.someOf, text);
  if (kind === 'boolean') return /^(true|false)$/i.test(text);
  if (kind === 'replicas') return /^(|\*|\d+:\d+(,\d+:\d+)*)$/.test(text);
  if (kind === 'number') return text !== '' && isWithin(Number(text), range);
  if (!/^[+-]?\d+$/.test(text) || !isWithin(Number(text), range)) return false;
  return BigInt.asIntN(bitsOf[kind], BigInt(text.replace('+', ''))) === BigInt(text.replace('+', ''));
}

/** An empty list is one, too: a log of which nothing is removed. */
function isListOf(words: readonly string[], text: string): boolean {
  return text === '' || text.split(',').every((part) => words.includes(part.trim()));
}

function isWithin(value: number, { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Partial<Setting>) {
  return Number.isFinite(value) && value >= min && value <= max;
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
