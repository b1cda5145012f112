import { evalExpr } from 'mingo/core';
import { getField, isDocument, numberOf, setField, type Document } from '../bson/document.js';
import { encodeKey } from '../bson/key.js';
import { failedToParse, MongoError } from '../errors.js';
import { valueAt } from '../match/path.js';
import { withPath } from '../projection/set-path.js';
import type { Environment, PipelineRun } from './environment.js';
import { variablesOf, type Stage } from './stage.js';
import { Long } from 'bson';

interface Graph {
  from: string;
  startWith: unknown;
  connectFrom: string[];
  connectTo: string;
  as: string[];
  depthField: string | undefined;
  maxDepth: number;
  restriction: Document[];
}

function read(operand: Document): Graph {
  const text = (name: string): string => {
    const value = operand[name];
    if (typeof value === 'string') return value;
    throw new MongoError(40104, `$graphLookup needs 'as', 'connectFromField', 'connectToField' and 'from': ${name}`);
  };
  const { startWith, maxDepth, depthField, restrictSearchWithMatch: filter } = operand;
  if (!('startWith' in operand)) throw new MongoError(40105, '$graphLookup requires startWith');
  if (filter !== undefined && !isDocument(filter))
    throw new MongoError(40185, 'restrictSearchWithMatch must be an object');
  const most = maxDepth === undefined ? Infinity : numberOf(maxDepth);
  if (most === undefined || most < 0) throw new MongoError(40101, '$graphLookup maxDepth must be a nonnegative number');
  return {
    from: text('from'),
    startWith,
    connectFrom: text('connectFromField').split('.'),
    connectTo: text('connectToField'),
    as: text('as').split('.'),
    depthField: typeof depthField === 'string' ? depthField : undefined,
    maxDepth: most,
    restriction: filter === undefined ? [] : [{ $match: filter }],
  };
}

/** `$graphLookup`: for each document the others that can be reached from it, one query for each step. */
export function graphLookup(environment: Environment, run: PipelineRun): Stage {
  return (documents, operand, options) => {
    if (!isDocument(operand)) throw failedToParse('the $graphLookup stage specification must be an object');
    const graph = read(operand);
    const within = { ...environment, variables: variablesOf(options) };
    const find = (values: unknown[]) =>
      run(within, graph.from, [{ $match: { [graph.connectTo]: { $in: values } } }, ...graph.restriction]);
    return documents.map((document: Document) =>
      withPath(document, graph.as, reached(graph, evalExpr(document, graph.startWith, options), find)),
    );
  };
}

function reached(graph: Graph, start: unknown, find: (values: unknown[]) => Iterable<Document>): Document[] {
  const found = new Map<string, Document>();
  const asked = new Set<string>();
  let values = unasked(asked, start);
  for (let depth = 0; depth <= graph.maxDepth && values.length > 0; depth++) {
    const next: unknown[] = [];
    for (const document of find(values)) {
      const id = textOf(getField(document, '_id'));
      if (found.has(id)) continue;
      found.set(id, graph.depthField === undefined ? document : withDepth(document, graph.depthField, depth));
      next.push(...unasked(asked, valueAt(document, graph.connectFrom)));
    }
    values = next;
  }
  return [...found.values()];
}

const textOf = (value: unknown): string => encodeKey(value).toString('latin1');

function withDepth(document: Document, name: string, depth: number): Document {
  const result = { ...document };
  setField(result, name, Long.fromNumber(depth));
  return result;
}

/** The elements of an array each, none for a missing field; nothing is asked for twice. */
function unasked(asked: Set<string>, value: unknown): unknown[] {
  if (value === undefined) return [];
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((each) => {
    const text = textOf(each);
    if (asked.has(text)) return false;
    asked.add(text);
    return true;
  });
}
