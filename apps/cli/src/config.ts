import { readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';

const Environment = z.object({
  DATA_DIR: z.string().default('.data'),
  KAFKA_BROKERS: z.string().optional(),
  /** Set by the runner: file arguments are relative to where the command was typed. */
  CALLERS_FOLDER: z.string().default('.'),
  /** Of an account with the platform role, for the tools of operators. */
  GRAPEVINE_EMAIL: z.string().optional(),
  GRAPEVINE_PASSWORD: z.string().optional(),
});

const Runtime = z.object({ url: z.url(), kafkaBrokers: z.string(), namespace: z.string().default('') });

/** No running system was found. */
export class NoSystemError extends Error {
  readonly code = 'CLI.NO_SYSTEM';
}

export interface Target {
  /** Where the API is: `http://127.0.0.1:4000`. */
  url: string;
  kafkaBrokers: string | undefined;
  namespace: string;
  dataDir: string;
  email: string | undefined;
  password: string | undefined;
}

/** The running system: what `--url` names, or what stands in DATA_DIR/runtime.json. Errors: NoSystemError. */
export function findTarget(url: string | undefined, environment = process.env): Target {
  const { DATA_DIR, KAFKA_BROKERS, GRAPEVINE_EMAIL, GRAPEVINE_PASSWORD } = Environment.parse(environment);
  const dataDir = resolve(DATA_DIR);
  const runtime = readRuntime(join(dataDir, 'runtime.json'));
  const kafkaBrokers = KAFKA_BROKERS ?? runtime?.kafkaBrokers;
  const found = url ?? runtime?.url;
  if (!found) throw new NoSystemError(`Nothing runs on ${dataDir}: npm start first, or name it with --url`);
  return {
    url: found.replace(/\/+$/, ''),
    kafkaBrokers,
    namespace: runtime?.namespace ?? '',
    dataDir,
    email: GRAPEVINE_EMAIL,
    password: GRAPEVINE_PASSWORD,
  };
}

export function callersPath(path: string, environment = process.env): string {
  return isAbsolute(path) ? path : resolve(Environment.parse(environment).CALLERS_FOLDER, path);
}

function readRuntime(file: string): z.infer<typeof Runtime> | undefined {
  try {
    return Runtime.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
