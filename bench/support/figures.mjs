// Numbers as the benches take and print them.
import { open } from 'node:fs/promises';
import { join } from 'node:path';

export const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

export const median = (numbers) =>
  percentile(
    numbers.toSorted((one, other) => one - other),
    0.5,
  );

/** Lanes that call `run` again and again for so long: calls per second, and latencies in ms. */
export async function drive(lanes, seconds, run) {
  const latencies = [];
  const startMs = performance.now();
  const endMs = startMs + seconds * 1_000;
  const driven = async (_, lane) => {
    while (performance.now() < endMs) {
      const sentMs = performance.now();
      await run(lane);
      latencies.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: lanes }, driven));
  const perSecond = (latencies.length * 1_000) / (performance.now() - startMs);
  latencies.sort((one, other) => one - other);
  return { perSecond, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
}

/** Each figure's median over several results of `drive`. */
export function middleOf(results) {
  const of = (field) => (results[0][field] === undefined ? undefined : median(results.map((result) => result[field])));
  return { perSecond: of('perSecond'), p50: of('p50'), p99: of('p99') };
}

/** What the disk gives to one who waits for every flush: nothing that flushes before it acknowledges is faster. */
export async function diskFloor(folder, seconds) {
  const file = await open(join(folder, 'floor'), 'a');
  const block = Buffer.alloc(4096, 1);
  const result = await drive(1, seconds, async () => {
    await file.write(block);
    await file.datasync();
  });
  await file.close();
  return result;
}

export const ms = (value) => (value === undefined ? '-' : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`);

/** Whether a goal was reached, for the end of a line. */
export const goal = (text, isReached) => `   goal ${text}: ${isReached ? 'reached' : 'MISSED'}`;

export const row = (name, text) => console.log(`${name.padEnd(40)}${text}`);

/**
 * A histogram of Prometheus's text format, of one label's value, as cumulative counts by upper bound; what was counted
 * before is taken off, so that it shows what came in between.
 */
export function histogramOf(text, name, label, before) {
  const pattern = new RegExp(`^${name}_bucket\\{(.*)\\} (\\S+)$`, 'gm');
  const counts = new Map();
  for (const [, labels, count] of text.matchAll(pattern)) {
    if (!labels.includes(label)) continue;
    const bound = Number(/le="([^"]+)"/.exec(labels)[1].replace('+Inf', 'Infinity'));
    counts.set(bound, (counts.get(bound) ?? 0) + Number(count));
  }
  for (const [bound, count] of before ?? []) counts.set(bound, (counts.get(bound) ?? 0) - count);
  return counts;
}

/** As Prometheus's histogram_quantile: linear within the bucket. In the histogram's unit; undefined when it is empty. */
export function quantile(histogram, share) {
  const total = histogram.get(Infinity) ?? 0;
  if (total === 0) return undefined;
  let [low, below] = [0, 0];
  for (const [bound, count] of [...histogram].toSorted(([one], [other]) => one - other)) {
    if (count >= share * total)
      return bound === Infinity ? low : low + ((bound - low) * (share * total - below)) / (count - below || 1);
    [low, below] = [bound, count];
  }
  return low;
}
