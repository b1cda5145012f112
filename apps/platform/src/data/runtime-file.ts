import { rmSync } from 'node:fs';
import { z } from 'zod';
import type { DataFolder } from './data-folder.js';
import { isAlive, ProcessIdentity, readIfThere, writeWhole } from '#embedded-disk';

/** What runs on a data folder, for the command-line tools and whoever else looks: `DATA_DIR/runtime.json`. */
export const Runtime = ProcessIdentity.extend({
  /** The API's address; without it only the servers of `npm run servers` are there. */
  url: z.url().optional(),
  /** `host:port`, several separated by commas. */
  kafkaBrokers: z.string(),
  mongodbUri: z.string(),
  /** Prefix of topics, groups and databases. */
  namespace: z.string(),
  paymentSandboxUrl: z.url().optional(),
  startedAt: z.string(),
});
export type Runtime = z.infer<typeof Runtime>;

const FILE = 'runtime.json';

/** What a living process has written; what one that was killed has left counts as nothing. */
export function readRuntime(folder: DataFolder): Runtime | undefined {
  const runtime = parse(readIfThere(folder.path(FILE)));
  return runtime && isAlive(runtime) ? runtime : undefined;
}

export const writeRuntime = (folder: DataFolder, runtime: Runtime): void =>
  writeWhole(folder.path(FILE), `${JSON.stringify(runtime, null, 2)}\n`);

/** What this process has written, or one that is gone. */
export function removeRuntime(folder: DataFolder): void {
  const runtime = readRuntime(folder);
  if (!runtime || runtime.pid === process.pid) rmSync(folder.path(FILE), { force: true });
}

function parse(text: string | undefined): Runtime | undefined {
  try {
    return Runtime.parse(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
}
