const maxLength = 249;

/** Kafka's rule for topic names. */
export function isTopicName(name: string): boolean {
  return name.length <= maxLength && name !== '.' && name !== '..' && /^[a-zA-Z0-9._-]+$/.test(name);
}

/** Kafka's metric names do not tell `.` from `_`, so it refuses topics that differ in that only. */
export function collides(one: string, other: string): boolean {
  return one !== other && one.replaceAll('.', '_') === other.replaceAll('.', '_');
}
