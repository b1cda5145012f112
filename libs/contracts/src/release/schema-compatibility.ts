/** A JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** They say something about a schema, and nothing about what fits it. */
const ANNOTATIONS = new Set([
  '$schema',
  '$id',
  'title',
  'description',
  'examples',
  'default',
  'deprecated',
  'readOnly',
  'writeOnly',
]);
const STRUCTURE = new Set(['properties', 'required']);
/** Keywords whose values are schemas or lists of schemas. */
const NESTED = new Set(['items', 'additionalProperties', 'propertyNames', 'anyOf', 'oneOf', 'allOf', 'not', '$defs']);

/**
 * What keeps readers of one version from reading events of the other, in both directions: each line names a place and
 * the reason. Only optional properties may come and go. Anything that narrows a value breaks readers of events that are
 * there already, anything that widens it breaks readers that are not upgraded yet: events are validated on both sides.
 */
export function incompatibilities(released: JsonSchema, current: JsonSchema, at = 'data'): string[] {
  const problems = [...propertyProblems(released, current, at)];
  for (const keyword of new Set([...Object.keys(released), ...Object.keys(current)])) {
    if (ANNOTATIONS.has(keyword) || STRUCTURE.has(keyword)) continue;
    const [before, after] = [released[keyword], current[keyword]];
    if (NESTED.has(keyword)) problems.push(...nestedProblems(before, after, `${at}.${keyword}`));
    else if (canonical(before) !== canonical(after)) problems.push(`${at}: ${keyword} ${change(before, after)}`);
  }
  return problems;
}

function* propertyProblems(released: JsonSchema, current: JsonSchema, at: string): Iterable<string> {
  const [before, after] = [schemasOf(released['properties']), schemasOf(current['properties'])];
  const [required, requires] = [namesOf(released['required']), namesOf(current['required'])];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const place = `${at}.${name}`;
    const [old, now] = [before.get(name), after.get(name)];
    if (old === undefined && requires.has(name)) yield `${place}: a required property was added`;
    else if (now === undefined && required.has(name)) yield `${place}: a required property was removed`;
    else if (old !== undefined && now !== undefined) {
      if (required.has(name) !== requires.has(name))
        yield `${place}: became ${requires.has(name) ? 'required' : 'optional'}`;
      yield* incompatibilities(old, now, place);
    }
  }
}

function nestedProblems(before: unknown, after: unknown, at: string): string[] {
  if (Array.isArray(before) && Array.isArray(after)) {
    if (before.length !== after.length) return [`${at}: has ${after.length} members instead of ${before.length}`];
    return before.flatMap((one, index) => nestedProblems(one, after[index], `${at}.${index}`));
  }
  if (isSchema(before) && isSchema(after)) return incompatibilities(before, after, at);
  return canonical(before) === canonical(after) ? [] : [`${at}: ${change(before, after)}`];
}

const change = (before: unknown, after: unknown): string => {
  if (before === undefined) return `was added: ${canonical(after)}`;
  return after === undefined ? `was removed: ${canonical(before)}` : `was ${canonical(before)}, is ${canonical(after)}`;
};

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const schemasOf = (properties: unknown): Map<string, JsonSchema> =>
  new Map(
    isSchema(properties)
      ? Object.entries(properties).filter((entry): entry is [string, JsonSchema] => isSchema(entry[1]))
      : [],
  );

const namesOf = (required: unknown): Set<unknown> => new Set(Array.isArray(required) ? required : []);

/** The order of an enum's values and of alternative types means nothing. */
const canonical = (value: unknown): string =>
  JSON.stringify(Array.isArray(value) ? value.map((one) => JSON.stringify(one)).toSorted() : value) ?? 'nothing';
