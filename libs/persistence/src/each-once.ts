interface Head {
  readonly stream: AsyncGenerator<string[]>;
  values: readonly string[];
  hasEnded: boolean;
}

/** All values of several streams, each of which is in order: in that order, each once, some at a time. */
export async function* eachOnce(...streams: AsyncGenerator<string[]>[]): AsyncGenerator<string[]> {
  const heads = streams.map((stream): Head => ({ stream, values: [], hasEnded: false }));
  for (;;) {
    await Promise.all(heads.map(fill));
    // As far as all of them have been seen.
    const [bound] = heads.flatMap(({ values }) => values.at(-1) ?? []).toSorted(byCodeUnits);
    if (bound === undefined) return;
    const taken = new Set<string>();
    for (const head of heads) {
      const left = head.values.findIndex((value) => value > bound);
      const count = left === -1 ? head.values.length : left;
      for (const value of head.values.slice(0, count)) taken.add(value);
      head.values = head.values.slice(count);
    }
    yield [...taken].toSorted(byCodeUnits);
  }
}

async function fill(head: Head): Promise<void> {
  while (head.values.length === 0 && !head.hasEnded) {
    const next = await head.stream.next();
    if (next.done === true) head.hasEnded = true;
    else head.values = next.value;
  }
}

/** Our ids are ASCII, for which this is the order of the database, too. */
const byCodeUnits = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
