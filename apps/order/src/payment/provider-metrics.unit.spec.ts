import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { providerMetrics } from './provider-metrics.js';

const ROOT = join(import.meta.dirname, '../../../..');
const namesIn = (file: string): string[] => [
  ...new Set(
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/grapevine_payment_[a-z_]*[a-z]/g)].map(([name]) => name),
  ),
];

const registry = new Registry();
providerMetrics(registry);
const figures = registry.getMetricsAsArray().map(({ name }) => name);

test('docs/operating.md explains every figure of the payments, and no other', () => {
  expect(namesIn('docs/operating.md').toSorted()).toEqual(figures.toSorted());
});

test('the alarms name figures that exist', () => {
  expect(namesIn('deploy/prometheus/alerts.yaml').filter((name) => !figures.includes(name))).toEqual([]);
});
