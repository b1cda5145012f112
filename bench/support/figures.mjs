// Numbers as the benches take and print them.

export const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

export const median = (numbers) =>
  percentile(
    numbers.toSorted((one, other) => one - other),
    0.5,
  );

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
