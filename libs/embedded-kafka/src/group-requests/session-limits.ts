/** Kafka's group.min.session.timeout.ms and group.max.session.timeout.ms: what lies outside is refused. */
export const minSessionTimeoutMs = 6_000;
export const maxSessionTimeoutMs = 1_800_000;
