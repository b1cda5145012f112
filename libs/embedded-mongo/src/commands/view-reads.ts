import { readStages } from '../aggregate/stages.js';
import type { Document } from '../bson/document.js';
import { nextResult, Pace } from '../query/pace.js';
import { aggregate, results } from './aggregate.js';
import type { Command } from './command.js';
import { distinctOf } from './count.js';
import { aggregateOnView } from './views.js';

/** The answer to a command that reads a view; undefined for every other one. */
export function readView(command: Command): Promise<Document> | undefined {
  const viewed = aggregateOnView(command);
  if (!viewed) return undefined;
  if (command.name === 'count') return count(viewed);
  if (command.name === 'distinct') return distinctOf(command, documents(viewed));
  return aggregate(viewed);
}

async function count(viewed: Command): Promise<Document> {
  const found = documents(viewed);
  let n = 0;
  while (await nextResult(found, () => viewed.store.turn())) n++;
  return { n, ok: 1 };
}

function* documents(viewed: Command): Generator<{ bytes: Buffer } | undefined> {
  for (const bytes of results(viewed, readStages(viewed.value('pipeline')), new Pace())) yield bytes && { bytes };
}
