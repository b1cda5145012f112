import { collectDefaultMetrics, register } from 'prom-client';

const A_DEFAULT_METRIC = 'process_cpu_seconds_total';

/** All figures of this process in Prometheus's format, Node.js's own among them. */
export async function processMetrics(): Promise<{ readonly contentType: string; readonly body: string }> {
  if (register.getSingleMetric(A_DEFAULT_METRIC) === undefined) collectDefaultMetrics();
  return { contentType: register.contentType, body: await register.metrics() };
}
