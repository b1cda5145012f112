import { getField, isDocument, type Document } from '../bson/document.js';

const IDLE_KINDS: unknown[] = ['text', '2d', '2dsphere'];
const OPTIONS = ['wildcardProjection', 'bits', 'min', 'max'];
const TEXT_DEFAULTS: Document = { default_language: 'english', language_override: 'language', textIndexVersion: 3 };

/** A key pattern of a text, geo or wildcard index. */
export function isIdle(key: Document): boolean {
  return Object.entries(key).some(([path, kind]) => IDLE_KINDS.includes(kind) || /(^|\.)\$\*\*$/.test(path));
}

/** The description of such an index as listIndexes returns it; given that one, the same again. */
export function describeIdle(source: Document, key: Document, described: Document): Document {
  const result: Document = { ...described };
  for (const option of OPTIONS) if (getField(source, option) !== undefined) result[option] = getField(source, option);
  const kinds = Object.values(key);
  if (kinds.includes('2dsphere')) result['2dsphereIndexVersion'] = getField(source, '2dsphereIndexVersion') ?? 3;
  if (!kinds.includes('text')) return result;
  result.key = Object.hasOwn(key, '_fts') ? key : textKey(key);
  result.weights = weightsOf(source, key);
  for (const [option, value] of Object.entries(TEXT_DEFAULTS)) result[option] = getField(source, option) ?? value;
  return result;
}

/** All text fields together are `_fts` and `_ftsx`, between the plain ones before and behind them. */
function textKey(key: Document): Document {
  const fields = Object.entries(key);
  const first = fields.findIndex(([, kind]) => kind === 'text');
  const plain = (part: [string, unknown][]) => Object.fromEntries(part.filter(([, kind]) => kind !== 'text'));
  return { ...plain(fields.slice(0, first)), _fts: 'text', _ftsx: 1, ...plain(fields.slice(first)) };
}

function weightsOf(source: Document, key: Document): Document {
  const given = getField(source, 'weights');
  if (Object.hasOwn(key, '_fts')) return isDocument(given) ? given : {};
  const fields = Object.keys(key).filter((path) => key[path] === 'text');
  return { ...Object.fromEntries(fields.map((path) => [path, 1])), ...(isDocument(given) && given) };
}
