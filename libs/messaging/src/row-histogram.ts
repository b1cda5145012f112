import { Histogram, type Registry } from 'prom-client';

export interface Observer {
  observe(value: number): void;
}

export interface RowHistogramOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly label: Label;
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[];
  readonly registry: Registry;
}

interface Row extends Observer {
  /** Of each bucket alone; the last is beyond all bounds. */
  readonly counts: Float64Array;
  sum: number;
}

/**
 * A histogram with one label, and an observer for each of its values. Those of prom-client (15.1) look for their row by
 * a text that is made of the labels, at each observation, which is more than a whole event may cost here.
 */
export class RowHistogram<Label extends string> extends Histogram<Label> {
  private rows = new Map<string, Row>();

  constructor(private readonly options: RowHistogramOptions<Label>) {
    const { name, help, label, buckets, registry } = options;
    super({ name, help, labelNames: [label], buckets: [...buckets], registers: [registry] });
  }

  /** What is observed otherwise, by `observe` or `labels`, does not count. */
  of(value: string): Observer {
    const known = this.rows.get(value);
    if (known) return known;
    const row = rowOf(this.options.buckets);
    this.rows.set(value, row);
    return row;
  }

  /** prom-client's constructor calls this, too, before there are rows. Observers go on with the rows that they have. */
  override reset(): void {
    this.rows ??= new Map();
    for (const row of this.rows.values()) {
      row.counts.fill(0);
      row.sum = 0;
    }
  }

  /** What prom-client makes both its text and its objects of. */
  getForPromString() {
    const { name, help, label } = this.options;
    const values = [...this.rows].flatMap(([value, row]) => this.valuesOf({ [label]: value }, row));
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values });
  }

  private valuesOf(sharedLabels: Record<string, string>, { counts, sum }: Row) {
    const { name, buckets } = this.options;
    let count = 0;
    const below = Array.from(counts, (own, at) => {
      count += own;
      return { metricName: `${name}_bucket`, labels: { le: buckets[at] ?? '+Inf' }, sharedLabels, value: count };
    });
    return [
      ...below,
      { metricName: `${name}_sum`, labels: {}, sharedLabels, value: sum },
      { metricName: `${name}_count`, labels: {}, sharedLabels, value: count },
    ];
  }
}

function rowOf(bounds: readonly number[]): Row {
  const counts = new Float64Array(bounds.length + 1);
  const row: Row = {
    counts,
    sum: 0,
    observe: (value) => {
      let at = 0;
      while (at < bounds.length && value > (bounds[at] ?? 0)) at++;
      counts[at] = (counts[at] ?? 0) + 1;
      row.sum += value;
    },
  };
  return row;
}
