/** A post that may be in a feed. Post ids sort by the moment of posting, and are the order of every feed. */
export interface Entry {
  readonly postId: string;
  readonly authorId: string;
}

/** The newest entries below a place, newest first; `full` when there may be more below the last of them. */
export interface Stretch {
  readonly entries: readonly Entry[];
  readonly full: boolean;
}

export interface MergedStretch extends Stretch {
  /** How far down all stretches were seen; undefined when they were seen to their ends. */
  readonly seenTo?: string;
}

/**
 * Lays stretches of several sources over each other, each post once. Only what lies above the end of every full stretch
 * is taken: below it, a source may still have something newer than what another one shows.
 */
export function mergeStretches(stretches: readonly Stretch[]): MergedStretch {
  const ends = stretches.flatMap(({ entries, full }) => (full ? [entries.at(-1)?.postId ?? ''] : []));
  const seenTo = ends.length === 0 ? undefined : ends.reduce((highest, end) => (end > highest ? end : highest));
  const byId = new Map<string, Entry>();
  for (const { entries } of stretches)
    for (const entry of entries) if (seenTo === undefined || entry.postId >= seenTo) byId.set(entry.postId, entry);
  const entries = [...byId.values()].toSorted((one, other) => (one.postId < other.postId ? 1 : -1));
  return seenTo === undefined ? { entries, full: false } : { entries, full: true, seenTo };
}

/** The newest entries of several lists, each of which has its own newest first and no post of another one. */
export function newestOf(lists: readonly (readonly Entry[])[], count: number): readonly Entry[] {
  let newest: readonly Entry[] = [];
  for (const list of lists) newest = newestOfTwo(newest, list, count);
  return newest;
}

function newestOfTwo(one: readonly Entry[], other: readonly Entry[], count: number): readonly Entry[] {
  const [last, first] = [one[count - 1], other[0]];
  if (first === undefined || (last !== undefined && last.postId > first.postId)) return one;
  const merged: Entry[] = [];
  for (let [at, atOther] = [0, 0]; merged.length < count;) {
    const [next, nextOther] = [one[at], other[atOther]];
    // All that is left of one list, or nothing that is new enough.
    if (nextOther === undefined) return merged.concat(one.slice(at, at + count - merged.length));
    if (next !== undefined && next.postId > nextOther.postId) {
      merged.push(next);
      at += 1;
    } else {
      merged.push(nextOther);
      atOther += 1;
    }
  }
  return merged;
}

/** Takes the next stretch below a place (from the newest when undefined). */
export type ReadStretch = (below: string | undefined, count: number) => Promise<MergedStretch>;
/** Leaves out what the reader may not or need not see now. */
export type KeepVisible<Item extends Entry> = (entries: readonly Entry[]) => Promise<readonly Item[]>;

export interface FeedPage<Item extends Entry> {
  readonly items: readonly Item[];
  readonly hasNextPage: boolean;
}

/**
 * Reads on until the page is full or nothing is left: hidden entries never make a page short or end a feed early
 * (mastodon #5398: filters after the fetch ate all of a page).
 */
export async function readPage<Item extends Entry>(
  first: number,
  after: string | undefined,
  readStretch: ReadStretch,
  keepVisible: KeepVisible<Item>,
): Promise<FeedPage<Item>> {
  const found: Item[] = [];
  let below = after;
  for (let count = first + 1 + Math.ceil(first / 2); found.length <= first; count = Math.min(count * 2, 400)) {
    const stretch = await readStretch(below, count);
    found.push(...(await keepVisible(stretch.entries)));
    if (!stretch.full) break;
    below = stretch.seenTo;
  }
  return { items: found.slice(0, first), hasNextPage: found.length > first };
}

/** A row of a home feed: `profile|post`, so that one index both keeps it once and sorts it. */
export const homeRowId = (profileId: string, postId: string): string => `${profileId}|${postId}`;
export const readerOfHomeRow = (rowId: string): string => rowId.slice(0, rowId.indexOf('|'));
export const postOfHomeRow = (rowId: string): string => rowId.slice(rowId.indexOf('|') + 1);
/** Sorts above every post id: where a scan from the newest begins. */
export const ABOVE_ALL_POSTS = 'post_~';

/** Spreads trimming: about one in `every` inserts into a feed trims it, always the same ones for the same ids. */
export function isTrimTurn(profileId: string, postId: string, every: number): boolean {
  // FNV-1a, with its high bits folded in.
  let hash = 0x81_1c_9d_c5;
  for (const letter of profileId + postId) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01_00_01_93);
  return ((hash ^ (hash >>> 15)) >>> 0) % every === 0;
}
