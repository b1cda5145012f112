import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Variables } from '#service-kit';

/** It is not known where the database of a running Grapevine is. code IDENTITY.NO_SYSTEM */
export class NoSystemError extends Error {
  readonly code = 'IDENTITY.NO_SYSTEM';
}

/** Where a running Grapevine keeps its data. */
export interface RunningDatabase {
  readonly uri: string;
  readonly namespace: string;
}

/** What `npm start` leaves in DATA_DIR/runtime.json while it runs. */
const Runtime = z.object({ mongodbUri: z.string(), namespace: z.string().default('') });

/** The database of MONGODB_URI, or the one that stands in DATA_DIR/runtime.json. Errors: NoSystemError. */
export async function findRunningDatabase(variables: Variables): Promise<RunningDatabase> {
  const { MONGODB_URI, GRAPEVINE_NAMESPACE, DATA_DIR } = variables;
  if (MONGODB_URI) return { uri: MONGODB_URI, namespace: GRAPEVINE_NAMESPACE ?? '' };
  const file = join(resolve(DATA_DIR || '.data'), 'runtime.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined)
    throw new NoSystemError(`There is no ${file}: npm start first, or name the database by MONGODB_URI`);
  const runtime = Runtime.safeParse(parse(text));
  if (!runtime.success) throw new NoSystemError(`${file} does not say where the database is`);
  return { uri: runtime.data.mongodbUri, namespace: GRAPEVINE_NAMESPACE || runtime.data.namespace };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
