/** What the settings mean that have an effect here, for clients that ask for it. */
const topicDocumentation: Readonly<Record<string, string>> = {
  'cleanup.policy':
    'What happens to old records: "delete" removes them by age and size, "compact" keeps the last of each key.',
  'delete.retention.ms': 'How long a tombstone stays in a compacted topic, in milliseconds.',
  'max.message.bytes': 'The largest batch that producers may send, in bytes.',
  'message.timestamp.after.max.ms': 'How far in the future the timestamp of a record may lie, in milliseconds.',
  'message.timestamp.before.max.ms': 'How far in the past the timestamp of a record may lie, in milliseconds.',
  'message.timestamp.type': 'Whether records keep the timestamp of their producer or get that of the broker.',
  'min.cleanable.dirty.ratio': 'The share of the log that must be new before it is compacted again.',
  'min.compaction.lag.ms': 'How long a record is safe from compaction, in milliseconds.',
  'retention.bytes': 'How many bytes a partition may hold before its oldest records are removed; -1 for any number.',
  'retention.ms': 'How long records are kept, in milliseconds; -1 for ever.',
};

export function documentationOf(topicSetting: string): string {
  return topicDocumentation[topicSetting] ?? 'Kept and shown, but without effect in this broker.';
}
