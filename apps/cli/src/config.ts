import { readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';

const Environment = z.object({
  DATA_DIR: z.string().default('.data'),
  KAFKA_BROKERS: z.string().optional(),
  GRAPEVINE_NAMESPACE: z.string().optional(),
  PAYMENT_SANDBOX_URL: z.url().optional(),
  /** Set by the runner: file arguments are relative to where the command was typed. */
  CALLERS_FOLDER: z.string().default('.'),
  /** Of an account with the platform role, for the tools of operators. */
  GRAPEVINE_EMAIL: z.string().optional(),
  GRAPEVINE_PASSWORD: z.string().optional(),
});

const Runtime = z.object({
  /** Absent while only the servers run. */
  url: z.url().optional(),
  kafkaBrokers: z.string(),
  namespace: z.string().default(''),
  paymentSandboxUrl: z.url().optional(),
});
type Runtime = z.infer<typeof Runtime>;

/** No running system was found. */
export class NoSystemError extends Error {
  readonly code = 'CLI.NO_SYSTEM';
}

export interface Target {
  /** Where the API is: `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly kafkaBrokers: readonly string[];
  readonly namespace: string;
  /** Where the payment provider's books are. */
  readonly paymentSandboxUrl: string | undefined;
  readonly dataDir: string;
  /** Of an account with the platform role, for the tools of operators. */
  readonly email: string | undefined;
  readonly password: string | undefined;
}

/**
 * The running system: what `--url` names, or what stands in DATA_DIR/runtime.json. Broker and payment provider of a
 * system that stands elsewhere are those that the environment names. Errors: NoSystemError.
 */
export function findTarget(url: string | undefined, environment = process.env): Target {
  const { DATA_DIR, ...given } = Environment.parse(environment);
  const dataDir = resolve(DATA_DIR);
  const here = readRuntime(join(dataDir, 'runtime.json'));
  const found = withoutSlash(url ?? here?.url ?? '');
  if (!found) throw new NoSystemError(`Nothing runs on ${dataDir}: npm start first, or name it with --url`);
  const runtime = here?.url && withoutSlash(here.url) === found ? here : undefined;
  const brokers = given.KAFKA_BROKERS ?? runtime?.kafkaBrokers ?? '';
  return {
    url: found,
    kafkaBrokers: brokers.split(',').filter((broker) => broker !== ''),
    namespace: given.GRAPEVINE_NAMESPACE ?? runtime?.namespace ?? '',
    paymentSandboxUrl: given.PAYMENT_SANDBOX_URL ?? runtime?.paymentSandboxUrl,
    dataDir,
    email: given.GRAPEVINE_EMAIL,
    password: given.GRAPEVINE_PASSWORD,
  };
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

export function callersPath(path: string, environment = process.env): string {
  return isAbsolute(path) ? path : resolve(Environment.parse(environment).CALLERS_FOLDER, path);
}

function readRuntime(file: string): Runtime | undefined {
  try {
    return Runtime.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
