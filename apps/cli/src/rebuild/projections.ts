import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../api-client.js';
import { ApiError, RefusedError } from '../api.errors.js';
import { startMovingProgress } from '../progress.js';
import { Projections, RebuildProjection, type Projection } from './projection-documents.js';

type Print = (line: string) => void;
const POLL_MS = 300;

/** False when a service did not answer. Errors: ApiError. */
export async function listProjections(client: ApiClient, print: Print): Promise<boolean> {
  const { projections } = await client.ask(Projections, { services: null });
  for (const { service, projections: known } of projections) {
    if (known === null) print(`${service} did not answer, or the account lacks the platform role`);
    for (const projection of known ?? []) print(lineOf(projection));
  }
  return projections.every(({ projections: known }) => known !== null);
}

/**
 * Asks for a rebuild and waits until it is done, with a bar on a terminal. Errors: UnknownProjectionError with the names
 * that there are; ApiError.
 */
export async function rebuildProjection(client: ApiClient, name: string, print: Print): Promise<void> {
  const startedAt = Date.now();
  const { generation } = await client.mutate(RebuildProjection, { name }).catch(async (error: unknown) => {
    throw error instanceof RefusedError && error.code === 'NOT_FOUND' ? await unknown(client, error.message) : error;
  });
  const bar = startMovingProgress(name, 'events');
  let failure: string | null = null;
  try {
    for (;;) {
      const projection = await stateOf(client, name);
      bar.set(projection.done, projection.total);
      if (projection.error !== null && projection.error !== failure) print(`${name}: ${projection.error}; once more`);
      failure = projection.error;
      if (projection.state === 'READY' && projection.generation >= generation) {
        bar.stop();
        return print(`${name} is rebuilt from ${projection.total} events, ${tookSince(startedAt, projection.total)}`);
      }
      await pause(POLL_MS);
    }
  } finally {
    bar.stop();
  }
}

async function stateOf(client: ApiClient, name: string): Promise<Projection> {
  const { projections } = await client.ask(Projections, { services: [name.split('.')[0]] });
  const known = projections[0]?.projections;
  if (!known) throw new ApiError(`${name} is being rebuilt, but its service no longer answers`, 'SERVICE_UNAVAILABLE');
  const found = known.find((projection) => projection.name === name);
  if (!found) throw new ApiError(`${name} is no longer there`, 'NOT_FOUND');
  return found;
}

/** It does not exist, or is a consumer group that does more than keep what can be made anew; the message says which. */
export class UnknownProjectionError extends Error {
  readonly code = 'CLI.UNKNOWN_PROJECTION';
}

/** @param message of the service, which lists its own; here are all. */
async function unknown(client: ApiClient, message: string): Promise<UnknownProjectionError> {
  const { projections } = await client.ask(Projections, { services: null });
  const names = projections.flatMap(({ projections: known }) => (known ?? []).map((projection) => projection.name));
  const [reason = message] = message.split('. There are ');
  return new UnknownProjectionError(`${reason}. There are:\n  ${names.join('\n  ')}`);
}

function lineOf({ name, state, generation, done, total, finishedAt, error }: Projection): string {
  if (state === 'REBUILDING')
    return `${name}  is being rebuilt: ${done} of ${total} events${error ? `; ${error}` : ''}`;
  return `${name}  is ready${finishedAt ? `, rebuilt ${finishedAt} from ${total} events` : ''} (generation ${generation})`;
}

/** With the rate, where there was enough to do that it means something. */
function tookSince(startedAt: number, events: number): string {
  const seconds = (Date.now() - startedAt) / 1_000;
  const rate = seconds < 1 ? '' : ` (${Math.round(events / seconds)} per second)`;
  return `in ${seconds.toFixed(1)} s${rate}`;
}
