import { Counter, Gauge, register, type Registry } from 'prom-client';

/** Counters of one process; several services in it share them, told apart by the group or topic. */
export interface MessagingMetrics {
  /** Events that the broker has acknowledged. */
  readonly published: Counter<'topic'>;
  /** Aggregates whose next event breaks its contract, so that they publish nothing. */
  readonly held: Gauge<'service'>;
  /** Events that a group is done with; `outcome`: handled, skipped, discarded, parked. */
  readonly consumed: Counter<'group' | 'outcome'>;
  readonly retried: Counter<'group'>;
  /** Events between the end of the partitions and what the group has processed. */
  readonly lag: Gauge<'group'>;
}

export function messagingMetrics(registry: Registry = register): MessagingMetrics {
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> =>
    (registry.getSingleMetric(name) as Counter<Label> | undefined) ??
    new Counter({ name, help, labelNames, registers: [registry] });
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]): Gauge<Label> =>
    (registry.getSingleMetric(name) as Gauge<Label> | undefined) ??
    new Gauge({ name, help, labelNames, registers: [registry] });
  return {
    published: counter('grapevine_events_published_total', 'Events acknowledged by the broker', ['topic']),
    held: gauge('grapevine_outbox_held', 'Aggregates held back by an event that breaks its contract', ['service']),
    consumed: counter('grapevine_events_consumed_total', 'Events that a group is done with', ['group', 'outcome']),
    retried: counter('grapevine_event_retries_total', 'Attempts that failed and were repeated', ['group']),
    lag: gauge('grapevine_consumer_lag', 'Events that a group has not processed yet', ['group']),
  };
}
