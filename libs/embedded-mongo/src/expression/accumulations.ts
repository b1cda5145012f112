import { compareValues } from '../bson/compare.js';
import type { Document } from '../bson/document.js';
import { encodeKey } from '../bson/key.js';
import { double, isNumeric } from '../bson/number.js';
import { merge } from './arrays.js';
import { real, Total } from './numeric.js';
import { isNullish } from './operator.js';

/** What an accumulator holds of the values that it has seen. */
export interface Accumulation {
  /** Undefined: the value is missing. */
  add(value: unknown): void;
  result(): unknown;
}

class Sum implements Accumulation {
  protected readonly total = new Total();

  add(value: unknown): void {
    this.total.add(value);
  }

  result(): unknown {
    return this.total.result();
  }
}

class Average extends Sum {
  override result(): unknown {
    return this.total.average();
  }
}

/** The standard deviation: of all values, or as an estimate from a sample. Null of too few. */
class Deviation implements Accumulation {
  private count = 0;
  private mean = 0;
  private squares = 0;

  constructor(private readonly least: 1 | 2) {}

  /** Welford's method. */
  add(value: unknown): void {
    if (!isNumeric(value)) return;
    const number = real(value);
    const distance = number - this.mean;
    this.mean += distance / ++this.count;
    this.squares += distance * (number - this.mean);
  }

  result(): unknown {
    if (this.count < this.least) return null;
    return double(Math.sqrt(this.squares / (this.count - this.least + 1)));
  }
}

export function deviationOf(values: unknown[], least: 1 | 2): unknown {
  const deviation = new Deviation(least);
  for (const value of values) deviation.add(value);
  return deviation.result();
}

/** The lowest or highest value; null and missing do not count. */
class Extreme implements Accumulation {
  private best: unknown;

  constructor(private readonly sign: 1 | -1) {}

  add(value: unknown): void {
    if (isNullish(value)) return;
    if (this.best === undefined || this.sign * compareValues(value, this.best) > 0) this.best = value;
  }

  result(): unknown {
    return this.best ?? null;
  }
}

class First implements Accumulation {
  private seen = false;
  private value: unknown;

  add(value: unknown): void {
    if (this.seen) return;
    this.seen = true;
    this.value = value;
  }

  result(): unknown {
    return this.value ?? null;
  }
}

class Last implements Accumulation {
  private value: unknown;

  add(value: unknown): void {
    this.value = value;
  }

  result(): unknown {
    return this.value ?? null;
  }
}

class Push implements Accumulation {
  private readonly values: unknown[] = [];

  add(value: unknown): void {
    if (value !== undefined) this.values.push(value);
  }

  result(): unknown[] {
    return this.values;
  }
}

class Distinct implements Accumulation {
  private readonly values = new Map<string, unknown>();

  add(value: unknown): void {
    if (value !== undefined) this.values.set(encodeKey(value).toString('latin1'), value);
  }

  result(): unknown[] {
    return [...this.values.values()];
  }
}

class Merged implements Accumulation {
  private readonly values: unknown[] = [];

  add(value: unknown): void {
    this.values.push(value);
  }

  result(): Document {
    return merge(this.values);
  }
}

/** mingo's count by JavaScript's order and equality; these follow BSON. */
export const ACCUMULATIONS = {
  $sum: () => new Sum(),
  $avg: () => new Average(),
  $min: () => new Extreme(-1),
  $max: () => new Extreme(1),
  $first: () => new First(),
  $last: () => new Last(),
  $mergeObjects: () => new Merged(),
  $push: () => new Push(),
  $addToSet: () => new Distinct(),
  $stdDevPop: () => new Deviation(1),
  $stdDevSamp: () => new Deviation(2),
} satisfies Record<string, () => Accumulation>;
