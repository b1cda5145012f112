import { Counter, Gauge, register, type Registry } from 'prom-client';

/** Figures of the calls to the payment provider, of this process. */
export interface ProviderMetrics {
  /** `outcome`: answered, unanswered. */
  readonly calls: Counter<'outcome'>;
  readonly underWay: Gauge;
  /** 1 while the circuit is not closed. */
  readonly circuitOpen: Gauge;
  /** How long the call that waits longest is overdue; 0 where none waits. */
  readonly wait: Gauge;
}

export function providerMetrics(registry: Registry = register): ProviderMetrics {
  const gauge = (name: string, help: string): Gauge =>
    (registry.getSingleMetric(name) as Gauge | undefined) ?? new Gauge({ name, help, registers: [registry] });
  const calls = 'grapevine_payment_calls_total';
  return {
    calls:
      (registry.getSingleMetric(calls) as Counter<'outcome'> | undefined) ??
      new Counter({
        name: calls,
        help: 'Calls to the payment provider that have ended',
        labelNames: ['outcome'],
        registers: [registry],
      }),
    underWay: gauge('grapevine_payment_calls_under_way', 'Calls to the payment provider that are under way'),
    circuitOpen: gauge('grapevine_payment_circuit_open', '1 while the payment provider is only tried now and then'),
    wait: gauge('grapevine_payment_wait_seconds', 'How long the call to the payment provider that waits longest waits'),
  };
}
