import { Counter, Gauge, register, type Registry } from 'prom-client';
import { RowHistogram } from './row-histogram.js';

/** Figures of one process; several services in it share them, told apart by service, group or topic. */
export interface MessagingMetrics {
  /** Events that the broker has acknowledged. */
  readonly published: Counter<'topic'>;
  /** Aggregates whose next event breaks its contract or is refused, so that they publish nothing. */
  readonly held: Gauge<'service'>;
  /** How long the event that waits longest in an outbox has waited. */
  readonly outboxAge: Gauge<'service'>;
  /** From the write of an event to the broker's acknowledgement. */
  readonly relayed: RowHistogram<'service'>;
  /** Events that a group is done with; `outcome`: handled, skipped, discarded, parked. */
  readonly consumed: Counter<'group' | 'outcome'>;
  readonly retried: Counter<'group'>;
  /** What one call of a handler takes. */
  readonly handler: RowHistogram<'group'>;
  /** From the write of an event to the end of a group's handler. */
  readonly reached: RowHistogram<'group'>;
  /** Events between the end of the partitions and what the group has processed. */
  readonly lag: Gauge<'group'>;
  /** Age of the oldest event that a group has fetched and not processed; 0 where none waits. */
  readonly lagAge: Gauge<'group' | 'topic' | 'partition'>;
  /** For how long a group that is behind has made no progress; 0 while it does. */
  readonly stalled: Gauge<'group'>;
  /** Parked events. Every instance of a service tells the same number. */
  readonly parked: Gauge<'group'>;
}

const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function messagingMetrics(registry: Registry = register): MessagingMetrics {
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> =>
    (registry.getSingleMetric(name) as Counter<Label> | undefined) ??
    new Counter({ name, help, labelNames, registers: [registry] });
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]): Gauge<Label> =>
    (registry.getSingleMetric(name) as Gauge<Label> | undefined) ??
    new Gauge({ name, help, labelNames, registers: [registry] });
  const histogram = <Label extends string>(name: string, help: string, label: Label): RowHistogram<Label> =>
    (registry.getSingleMetric(name) as RowHistogram<Label> | undefined) ??
    new RowHistogram({ name, help, label, buckets: SECONDS, registry });
  return {
    published: counter('grapevine_events_published_total', 'Events acknowledged by the broker', ['topic']),
    held: gauge('grapevine_outbox_held', 'Aggregates held back by an event that can not be published', ['service']),
    outboxAge: gauge('grapevine_outbox_age_seconds', 'How long the oldest unpublished event has waited', ['service']),
    relayed: histogram('grapevine_outbox_to_broker_seconds', 'From the write to the acknowledgement', 'service'),
    consumed: counter('grapevine_events_consumed_total', 'Events that a group is done with', ['group', 'outcome']),
    retried: counter('grapevine_event_retries_total', 'Attempts that failed and were repeated', ['group']),
    handler: histogram('grapevine_handler_seconds', 'What one call of a handler takes', 'group'),
    reached: histogram('grapevine_event_to_handled_seconds', 'From the write to the end of the handler', 'group'),
    lag: gauge('grapevine_consumer_lag', 'Events that a group has not processed yet', ['group']),
    lagAge: gauge('grapevine_consumer_lag_seconds', 'Age of the oldest event that waits in a partition', [
      'group',
      'topic',
      'partition',
    ]),
    stalled: gauge('grapevine_consumer_stalled_seconds', 'Time without progress of a group that is behind', ['group']),
    parked: gauge('grapevine_parked_events', 'Events that are parked', ['group']),
  };
}
