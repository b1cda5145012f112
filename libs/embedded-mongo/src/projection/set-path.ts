import { getField, isDocument, setField, type Document } from '../bson/document.js';

/** A copy of the value with this path set (undefined removes); the elements of arrays on the way are set each. */
export function withPath(target: unknown, parts: readonly string[], value: unknown, depth = 0): unknown {
  if (depth === parts.length) return value;
  if (Array.isArray(target)) return target.map((item) => withPath(item, parts, value, depth));
  const part = parts[depth] ?? '';
  const result: Document = isDocument(target) ? { ...target } : {};
  const next = withPath(isDocument(target) ? getField(target, part) : undefined, parts, value, depth + 1);
  if (next === undefined) delete result[part];
  else if (value !== undefined || Object.hasOwn(result, part)) setField(result, part, next);
  return value === undefined && !isDocument(target) ? target : result;
}

/**
 * A copy of the value with a computed field: whatever stands on the way and is no document is replaced by one, also
 * when the computed value is missing.
 */
export function withComputed(target: unknown, parts: readonly string[], value: unknown, depth = 0): unknown {
  if (depth === parts.length) return value;
  if (Array.isArray(target)) return target.map((item) => withComputed(item, parts, value, depth));
  const part = parts[depth] ?? '';
  const result: Document = isDocument(target) ? { ...target } : {};
  const next = withComputed(getField(result, part), parts, value, depth + 1);
  if (next === undefined) delete result[part];
  else setField(result, part, next);
  return result;
}

/** Nested documents of a specification as dotted paths, down to operators and values. */
export function flatten(specification: Document, prefix = ''): [path: string, value: unknown][] {
  return Object.entries(specification).flatMap(([name, value]): [string, unknown][] => {
    const path = prefix + name;
    const nested = isDocument(value) && Object.keys(value).length > 0 && !Object.keys(value)[0]?.startsWith('$');
    return nested ? flatten(value, `${path}.`) : [[path, value]];
  });
}
