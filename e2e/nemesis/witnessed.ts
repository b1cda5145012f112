import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Consumer } from './checker/recording.js';

const Line = z.union([
  z.object({ group: z.string(), types: z.array(z.string()) }),
  z.object({ group: z.string(), eventId: z.string(), atNs: z.string() }),
]);
interface Handled {
  readonly eventId: string;
  readonly at: bigint;
}

/** What `witness.mjs` wrote in all processes, those that were killed among them. */
export async function consumersSeen(folder: string): Promise<Consumer[]> {
  const types = new Map<string, Set<string>>();
  const handled = new Map<string, Handled[]>();
  for (const name of await readdir(folder)) {
    const lines = (await readFile(join(folder, name), 'utf8')).split('\n');
    // What follows the last end of a line is empty, or was cut off by a kill.
    for (const text of lines.slice(0, -1)) {
      const line = Line.parse(JSON.parse(text));
      if ('types' in line) types.set(line.group, new Set([...(types.get(line.group) ?? []), ...line.types]));
      else addTo(handled, line.group, { eventId: line.eventId, at: BigInt(line.atNs) });
    }
  }
  return [...types].map(([group, known]) => ({
    group,
    types: [...known],
    handled: firstOnes(handled.get(group) ?? []),
  }));
}

function addTo(handled: Map<string, Handled[]>, group: string, one: Handled): void {
  const known = handled.get(group);
  if (known) known.push(one);
  else handled.set(group, [one]);
}

/** In the order in which they were done with for the first time, whoever did it. */
const firstOnes = (handled: readonly Handled[]): string[] => [
  ...new Set(handled.toSorted((a, b) => Number(a.at - b.at)).map(({ eventId }) => eventId)),
];
