import { getField, isDocument, numberOf, REFERENCE_FIELDS, type Document } from '../bson/document.js';
import { badValue, Code, MongoError, notImplemented } from '../errors.js';
import type { Node } from '../match/node.js';
import { cannot, isIdIndex, parseIndexSpec, type IndexSpec } from './index-spec.js';

const KNOWN_OPTIONS = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'partialFilterExpression',
  'expireAfterSeconds',
  'background',
  'hidden',
  'ns',
  'collation',
  'dropDups',
  'storageEngine',
  'weights',
  'default_language',
  'language_override',
  'textIndexVersion',
  '2dsphereIndexVersion',
  'bits',
  'min',
  'max',
  'wildcardProjection',
]);

/** An index that a client asks for. Throws for what MongoDB would not build, or this server does not. */
export function parseNewIndex(source: Document): IndexSpec {
  const index = parseIndexSpec(source, 0);
  if (index.name === '*') throw badValue("The index name '*' is not valid.");
  const dynamic = index.fields.find(({ parts }) =>
    parts.some((part) => part.startsWith('$') && part !== '$**' && !REFERENCE_FIELDS.has(part)),
  );
  if (dynamic) throw cannot(`Index key contains an illegal field name: ${dynamic.path}`);
  const unknown = Object.keys(source).find((option) => !KNOWN_OPTIONS.has(option));
  if (unknown !== undefined) {
    const text = `The field '${unknown}' is not valid for an index specification`;
    throw new MongoError(Code.InvalidIndexSpecificationOption, text);
  }
  checkSwitches(source);
  checkId(source, index);
  const collation = getField(source, 'collation');
  if (isDocument(collation) && collation.locale !== 'simple') throw notImplemented('collation');
  if (index.partial && index.sparse) throw cannot('cannot mix "partialFilterExpression" and "sparse" options');
  if (index.partial) refuseInPartial(index.partial.filter.root);
  if (index.idle && index.unique) throw cannot('An index of this kind does not support the unique option');
  if (index.hashed && index.unique) {
    throw new MongoError(16764, 'Currently hashed indexes cannot guarantee uniqueness. Use a regular index.');
  }
  return index;
}

const ID_OPTIONS = new Set(['v', 'key', 'name', 'ns', 'background', 'collation']);

/** The index on _id is there already, without options, and no other has its name. */
function checkId(source: Document, index: IndexSpec): void {
  const isId = index.fields.length === 1 && index.fields[0]?.path === '_id' && !index.fields[0].descending;
  if (isIdIndex(index) && !isId) {
    throw badValue("The index name '_id_' is reserved for the _id index, which must have key pattern {_id: 1}");
  }
  const option = Object.keys(source).find((name) => !ID_OPTIONS.has(name));
  if (!isIdIndex(index) || option === undefined) return;
  const text = `The field '${option}' is not valid for an _id index specification`;
  throw new MongoError(Code.InvalidIndexSpecificationOption, text);
}

function checkSwitches(source: Document): void {
  for (const option of ['unique', 'sparse', 'background']) {
    const value = getField(source, option);
    if (value === undefined || typeof value === 'boolean' || numberOf(value) !== undefined) continue;
    const text = `The field '${option}' has value ${option}: ${JSON.stringify(value)}, which is not convertible to bool`;
    throw new MongoError(Code.TypeMismatch, text);
  }
  const hidden = getField(source, 'hidden');
  if (hidden !== undefined && typeof hidden !== 'boolean') throw cannot("The 'hidden' field must be a boolean");
  const version = getField(source, 'v');
  if (version !== undefined && ![1, 2].includes(numberOf(version) ?? NaN)) {
    throw cannot(`Invalid index specification; cannot create an index with v=${JSON.stringify(version)}`);
  }
}

const PARTIAL_OPERATORS = new Set(['$eq', '$gt', '$gte', '$lt', '$lte', '$exists', '$type', '$in']);

/** What a partial index may ask for: no negation, no pattern, nothing of the document as a whole. */
function refuseInPartial(node: Node): void {
  if (node.kind === 'and') return node.nodes.forEach((child) => refuseInPartial(child));
  if (node.kind === 'or' && node.nodes.length > 0) return node.nodes.forEach((child) => refuseInPartial(child));
  if (node.kind === 'leaf' && PARTIAL_OPERATORS.has(node.operator)) return;
  const what = node.kind === 'leaf' ? `${node.path} ${node.operator}` : `$${node.kind}`;
  throw cannot(`Expression not supported in partial index: ${what}`);
}
