import { z } from 'zod';
import type { Page } from '#contracts';
import { decodeCursor, encodeCursor } from './cursor.js';

/** The place in a list that a cursor names. @throws InvalidCursorError for one that this list never gave. */
export const placeOf = (list: string, after: string | null | undefined): string | undefined =>
  after === null || after === undefined ? undefined : decodeCursor(list, after, z.string());

export interface PlacedRow<Node> {
  readonly place: string;
  /** Undefined for what is no longer to be seen: it leaves the page, and the next page begins behind it. */
  readonly node: Node | undefined;
}

/** A page of a list. @param rows one more than asked for, if there are so many: that says whether there is a next page. */
export function toPage<Node>(list: string, first: number, rows: readonly PlacedRow<Node>[]): Page<Node> {
  const items = rows.slice(0, first).flatMap(({ place, node }) => {
    return node === undefined ? [] : [{ cursor: encodeCursor(list, place), node }];
  });
  return { items, hasNextPage: rows.length > first };
}
