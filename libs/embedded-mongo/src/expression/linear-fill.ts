import { evalExpr } from 'mingo/core';
import type * as windows from 'mingo/operators/window';
import type { AnyObject } from 'mingo/types';
import { isDate, isDocument, numberOf } from '../bson/document.js';

type WindowOperator = typeof windows.$linearFill;

/** Per partition and field, so that all its documents share one calculation. */
const known = new WeakMap<AnyObject[], Map<string, unknown[]>>();

/** A value between its neighbours where there is none; before the first and after the last it stays null. */
export const linearFill: WindowOperator = (_document, partition, { field, documentNumber, ...place }, options) => {
  const fields = known.get(partition) ?? new Map<string, unknown[]>();
  known.set(partition, fields);
  const { sortBy } = place.parentExpr;
  const path = isDocument(sortBy) ? (Object.keys(sortBy)[0] ?? '') : '';
  const filled =
    fields.get(field) ??
    interpolated(
      partition.map((each): Point => {
        const value: unknown = evalExpr(each, place.inputExpr, options);
        return { at: positionOf(evalExpr(each, `$${path}`, options)), value: value ?? null };
      }),
    );
  fields.set(field, filled);
  return filled[documentNumber - 1];
};

interface Point {
  at: number;
  value: unknown;
}

function positionOf(value: unknown): number {
  return isDate(value) ? value.getTime() : (numberOf(value) ?? NaN);
}

function interpolated(points: Point[]): unknown[] {
  const results = points.map(({ value }) => value);
  let last: number | undefined;
  for (const [i, { value }] of points.entries()) {
    if (value === null) continue;
    if (last !== undefined) for (let gap = last + 1; gap < i; gap++) results[gap] = between(points, last, i, gap);
    last = i;
  }
  return results;
}

function between(points: Point[], before: number, after: number, gap: number): number | null {
  const [from, to, here] = [points[before], points[after], points[gap]];
  const [low, high] = [numberOf(from?.value), numberOf(to?.value)];
  if (!from || !to || !here || low === undefined || high === undefined) return null;
  return low + ((here.at - from.at) / (to.at - from.at)) * (high - low);
}
