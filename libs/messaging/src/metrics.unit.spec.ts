import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { messagingMetrics } from './metrics.js';

const ROOT = join(import.meta.dirname, '../../..');
/** Those of payments are the order service's, whose own test looks after them. */
const namesIn = (file: string): Set<string> =>
  new Set(
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/grapevine_(?!payment_)[a-z_]*[a-z]/g)].map(([name]) => name),
  );
const withoutPart = (name: string): string => name.replace(/_(bucket|sum|count)$/, '');

const registry = new Registry();
messagingMetrics(registry);
const figures = registry.getMetricsAsArray().map(({ name }) => name);

test('docs/operating.md explains every figure, and no other', () => {
  expect([...namesIn('docs/operating.md')].toSorted()).toEqual(figures.toSorted());
});

test.each(['deploy/prometheus/alerts.yaml', 'deploy/grafana/events.json'])('%s names figures that exist', (file) => {
  expect([...namesIn(file)].map(withoutPart).filter((name) => !figures.includes(name))).toEqual([]);
});
