import { getField, isDocument, type Document } from '../bson/document.js';
import { isNullish } from '../expression/operator.js';
import { collected, Groups, isOwnAccumulator } from './group.js';
import type { Stage } from './stage.js';

/** The name of the stage that stands for two; none that a client can give. */
export const GROUP_ELEMENTS = '$unwind, $group';

/** `$unwind` of a field at the top and the `$group` behind it: one copy of a document holds its elements in turn. */
export const groupElements: Stage = (documents, { field, group }, options) => {
  const name = String(field);
  const groups = new Groups(isDocument(group) ? group : {}, options);
  return collected(documents, groups, (document) => {
    const value = getField(document, name);
    if (Array.isArray(value)) addElements(groups, document, name, value);
    else if (!isNullish(value)) groups.add(document);
  });
};

function addElements(groups: Groups, document: Document, name: string, elements: unknown[]): void {
  const copy = { ...document };
  for (const element of elements) {
    if (element === undefined) delete copy[name];
    else copy[name] = element;
    groups.add(copy);
  }
}

/** The stages, with one in place of each such pair where nobody can tell. */
export function withElementGroups(stages: Document[]): Document[] {
  const result: Document[] = [];
  for (const stage of stages) {
    const field = fieldOf(result.at(-1)?.$unwind);
    const { $group: group } = stage;
    if (field !== undefined && isDocument(group) && keepsValuesOnly(group)) {
      result.splice(-1, 1, { [GROUP_ELEMENTS]: { field, group } });
    } else {
      result.push(stage);
    }
  }
  return result;
}

const TOP_FIELD = /^\$([^$.]+)$/;

function fieldOf(operand: unknown): string | undefined {
  const { path, ...others }: Document = isDocument(operand) ? operand : { path: operand };
  if (typeof path !== 'string' || !Object.values(others).every((option) => option === false)) return undefined;
  const name = TOP_FIELD.exec(path)?.[1];
  return name === '__proto__' ? undefined : name;
}

/** Without a variable, which may stand for all of a document, and with accumulators that are given values at once. */
function keepsValuesOnly({ _id, ...fields }: Document): boolean {
  return !namesVariable(_id) && Object.values(fields).every((field) => isOwn(field) && !namesVariable(field));
}

const isOwn = (field: unknown): boolean => isDocument(field) && Object.keys(field).every(isOwnAccumulator);

function namesVariable(expression: unknown): boolean {
  if (typeof expression === 'string') return expression.startsWith('$$');
  if (Array.isArray(expression)) return expression.some(namesVariable);
  return isDocument(expression) && Object.values(expression).some(namesVariable);
}
