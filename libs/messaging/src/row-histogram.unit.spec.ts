import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { RowHistogram } from './row-histogram.js';

const buckets = [0.01, 0.1, 1, 10];
const value = fc.oneof(fc.constantFrom(0, ...buckets), fc.double({ min: 0, max: 100, noNaN: true }));
const observations = fc.array(fc.record({ group: fc.constantFrom('a', 'b"\\\n', 'c'), value }));

const withoutExemplars = (metrics: unknown): unknown =>
  JSON.parse(JSON.stringify(metrics, (key, found: unknown) => (key === 'exemplar' ? undefined : found)));

test('it tells what a histogram of prom-client tells', async () => {
  const property = fc.asyncProperty(observations, async (list) => {
    const [theirs, ours] = [new Registry(), new Registry()];
    const options = { name: 'n_seconds', help: 'h', buckets };
    const reference = new Histogram({ ...options, labelNames: ['group'], registers: [theirs] });
    const histogram = new RowHistogram({ ...options, label: 'group', registry: ours });
    for (const { group, value: seconds } of list) {
      reference.observe({ group }, seconds);
      histogram.of(group).observe(seconds);
    }
    expect(await ours.metrics()).toBe(await theirs.metrics());
    expect(withoutExemplars(await ours.getMetricsAsJSON())).toEqual(withoutExemplars(await theirs.getMetricsAsJSON()));
  });
  await fc.assert(property);
});

test('after a reset it counts from nothing, with the same observers', async () => {
  const registry = new Registry();
  const histogram = new RowHistogram({ name: 'n_seconds', help: 'h', label: 'group', buckets, registry });
  const observer = histogram.of('a');
  observer.observe(5);
  registry.resetMetrics();
  observer.observe(0.05);
  expect(await registry.metrics()).toContain('n_seconds_sum{group="a"} 0.05\nn_seconds_count{group="a"} 1');
});
