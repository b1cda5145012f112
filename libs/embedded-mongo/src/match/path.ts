import { getField, isDocument } from '../bson/document.js';

export type Test = (value: unknown) => boolean;

/**
 * True when some value at the path passes: a path runs through the elements of arrays, and an array at its end counts
 * by each element and as a whole. A missing value is tested as undefined.
 */
export function someAt(value: unknown, parts: readonly string[], test: Test, depth = 0): boolean {
  if (depth === parts.length) return Array.isArray(value) ? value.some(test) || test(value) : test(value);
  return step(value, parts, depth, (next, nextDepth) => someAt(next, parts, test, nextDepth)) ?? test(undefined);
}

/** As someAt, but an array at the path's end only counts as a whole. */
export function wholeAt(value: unknown, parts: readonly string[], test: Test, depth = 0): boolean {
  if (depth === parts.length) return test(value);
  return step(value, parts, depth, (next, nextDepth) => wholeAt(next, parts, test, nextDepth)) ?? test(undefined);
}

type Descend = (value: unknown, depth: number) => boolean;

/** Undefined when there is nothing at the next part of the path. */
function step(value: unknown, parts: readonly string[], depth: number, descend: Descend): boolean | undefined {
  const part = parts[depth] ?? '';
  if (isDocument(value)) return Object.hasOwn(value, part) ? descend(getField(value, part), depth + 1) : undefined;
  if (!Array.isArray(value)) return undefined;
  if (value.some((item) => isDocument(item) && descend(item, depth))) return true;
  return isIndex(part) && Number(part) < value.length && descend(value[Number(part)], depth + 1);
}

/** Which element of the first array on the path passes: what the positional operator `$` stands for. */
export function positionAt(value: unknown, parts: readonly string[], test: Test, depth = 0): number | undefined {
  if (Array.isArray(value)) {
    const part = parts[depth] ?? '';
    const found = value.findIndex((item) =>
      depth === parts.length ? test(item) : isDocument(item) && someAt(item, parts, test, depth),
    );
    if (found >= 0) return found;
    return isIndex(part) ? positionAt(value[Number(part)], parts, test, depth + 1) : undefined;
  }
  if (!isDocument(value) || depth === parts.length) return undefined;
  return positionAt(getField(value, parts[depth] ?? ''), parts, test, depth + 1);
}

/** All values at a path, as distinct counts them: an array at its end counts by its elements, not deeper. */
export function* valuesAt(value: unknown, parts: readonly string[], depth = 0): Generator<unknown> {
  if (depth === parts.length) {
    if (Array.isArray(value)) yield* value as unknown[];
    else if (value !== undefined) yield value;
    return;
  }
  const part = parts[depth] ?? '';
  if (isDocument(value)) return yield* valuesAt(getField(value, part), parts, depth + 1);
  if (!Array.isArray(value)) return;
  if (isIndex(part)) yield* valuesAt(value[Number(part)], parts, depth + 1);
  for (const item of value) if (isDocument(item)) yield* valuesAt(item, parts, depth);
}

export function isIndex(part: string): boolean {
  return /^(0|[1-9]\d*)$/.test(part);
}

/** The value at a path as projections and joins see it; arrays on the way yield an array of values. */
export function valueAt(value: unknown, parts: readonly string[], depth = 0): unknown {
  if (depth === parts.length) return value;
  const part = parts[depth] ?? '';
  if (isDocument(value)) return valueAt(getField(value, part), parts, depth + 1);
  if (!Array.isArray(value)) return undefined;
  if (isIndex(part) && Number(part) < value.length) return valueAt(value[Number(part)], parts, depth + 1);
  const values = value.filter(isDocument).map((item) => valueAt(item, parts, depth));
  return values.filter((item) => item !== undefined);
}
