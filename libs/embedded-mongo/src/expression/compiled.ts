import { evalExpr } from 'mingo/core';
import type { Options } from 'mingo/types';
import { getField, isDocument, isTrue, setField, type Document } from '../bson/document.js';
import { MongoError } from '../errors.js';
import { argumentsOfOperator } from './evaluate.js';
import { isNullish } from './operator.js';

/** An expression as a function of the document. */
export type Compiled = (document: Document) => unknown;

/** A variable bound inside an expression (`$filter`, `$map`), set before what reads it is called. */
interface Cell {
  value: unknown;
}

interface Scope {
  options: Options;
  variables: Document;
  cells: ReadonlyMap<string, Cell>;
}

type Compile = (operand: unknown, scope: Scope) => Compiled | undefined;

/**
 * Reads an expression once, for all the documents that it is evaluated for. What is not known here, and paths that
 * meet arrays, are mingo's.
 */
export function compileExpression(expression: unknown, options: Options): Compiled {
  const scope: Scope = { options, variables: options.variables ?? {}, cells: new Map() };
  return compile(expression, scope) ?? ((document) => evalExpr(document, expression, options) as unknown);
}

function compile(expression: unknown, scope: Scope): Compiled | undefined {
  if (typeof expression === 'string' && expression.startsWith('$')) return reference(expression, scope);
  if (Array.isArray(expression)) return list(expression, scope);
  if (!isDocument(expression)) return () => expression;
  const [name = '', ...others] = Object.keys(expression);
  if (!name.startsWith('$')) return fields(expression, scope);
  if (others.length > 0) return undefined;
  const special = Object.hasOwn(SPECIAL, name) ? SPECIAL[name] : undefined;
  return special ? special(expression[name], scope) : call(name, expression[name], scope);
}

/** `$a.b`, `$$ROOT`, `$$variable.b`. */
function reference(expression: string, { options, variables, cells }: Scope): Compiled | undefined {
  if (expression.includes('__proto__')) return undefined;
  if (!expression.startsWith('$$')) {
    const parts = expression.slice(1).split('.');
    return (document) => valueBelow(document, parts, options);
  }
  const [name = '', ...parts] = expression.slice(2).split('.');
  const cell = cells.get(name);
  if (cell) return () => valueBelow(cell.value, parts, options);
  if (name === 'ROOT' || name === 'CURRENT') return (document) => valueBelow(document, parts, options);
  if (name === 'REMOVE' && parts.length === 0) return () => undefined;
  if (!Object.hasOwn(variables, name)) return undefined;
  const value = getField(variables, name);
  return () => valueBelow(value, parts, options);
}

function valueBelow(from: unknown, parts: readonly string[], options: Options): unknown {
  let value = from;
  for (let depth = 0; depth < parts.length; depth++) {
    if (Array.isArray(value)) return throughArray(value, parts.slice(depth), options);
    if (!isDocument(value)) return undefined;
    value = getField(value, parts[depth] ?? '');
  }
  return value;
}

function throughArray(array: unknown[], parts: readonly string[], options: Options): unknown {
  return evalExpr({ array }, `$array.${parts.join('.')}`, options);
}

function list(expressions: unknown[], scope: Scope): Compiled | undefined {
  const items = compileAll(expressions, scope);
  return items && ((document) => items.map((item) => item(document)));
}

function compileAll(expressions: unknown[], scope: Scope): Compiled[] | undefined {
  const compiled = expressions.map((expression) => compile(expression, scope));
  return compiled.every((each) => each !== undefined) ? compiled : undefined;
}

function fields(expression: Document, scope: Scope): Compiled | undefined {
  const names = Object.keys(expression);
  const values = compileAll(Object.values(expression), scope);
  if (!values) return undefined;
  return (document) => {
    const result: Document = {};
    for (let i = 0; i < names.length; i++) setField(result, names[i] ?? '', values[i]?.(document));
    return result;
  };
}

/** An operator that takes the values of its arguments. */
function call(name: string, operand: unknown, scope: Scope): Compiled | undefined {
  const known = argumentsOfOperator(name);
  if (!known || (known.listOnly && !Array.isArray(operand))) return undefined;
  const list: unknown[] = Array.isArray(operand) ? operand : [operand];
  if (list.length < known.least || list.length > known.most) return undefined;
  const values = compileAll(list, scope);
  const { result } = known;
  return values && ((document) => result(values.map((value) => value(document))));
}

const condition: Compile = (operand, scope) => {
  const named = isDocument(operand) ? [operand.if, operand.then, operand.else] : operand;
  if (!Array.isArray(named) || named.length !== 3) return undefined;
  const [test, yes, no] = compileAll(named, scope) ?? [];
  return test && yes && no && ((document) => (isTrue(test(document)) ? yes(document) : no(document)));
};

const ifNull: Compile = (operand, scope) => {
  const choices = Array.isArray(operand) ? compileAll(operand, scope) : undefined;
  return (
    choices &&
    ((document) => {
      let value: unknown;
      for (const choice of choices) {
        value = choice(document);
        if (!isNullish(value)) return value;
      }
      return value;
    })
  );
};

/** An expression that is evaluated for each element of an array, bound to a name. */
function eachElement(operand: Document, body: unknown, scope: Scope) {
  const name = operand.as ?? 'this';
  if (typeof name !== 'string' || name === '' || 'limit' in operand) return undefined;
  const cell: Cell = { value: undefined };
  const input = compile(operand.input, scope);
  const inner = compile(body, { ...scope, cells: new Map([...scope.cells, [name, cell]]) });
  if (!input || !inner) return undefined;
  const evaluate = (document: Document, element: unknown): unknown => {
    cell.value = element;
    return inner(document);
  };
  return { input, evaluate };
}

function elementsOf(operator: string, code: number, input: unknown): unknown[] | null {
  if (Array.isArray(input)) return input;
  if (isNullish(input)) return null;
  throw new MongoError(code, `${operator} 'input' expression must resolve to array`);
}

const filter: Compile = (operand, scope) => {
  if (!isDocument(operand) || !('input' in operand) || !('cond' in operand)) return undefined;
  const each = eachElement(operand, operand.cond, scope);
  if (!each) return undefined;
  return (document) => {
    const elements = elementsOf('$filter', 28651, each.input(document));
    return elements && elements.filter((element) => isTrue(each.evaluate(document, element)));
  };
};

const map: Compile = (operand, scope) => {
  if (!isDocument(operand) || !('input' in operand) || !('in' in operand)) return undefined;
  const each = eachElement(operand, operand.in, scope);
  if (!each) return undefined;
  return (document) => {
    const elements = elementsOf('$map', 16883, each.input(document));
    return elements && elements.map((element) => each.evaluate(document, element));
  };
};

const SPECIAL: Record<string, Compile> = {
  $literal: (operand) => () => operand,
  $cond: condition,
  $ifNull: ifNull,
  $filter: filter,
  $map: map,
};
