import { ApiError } from './api.errors.js';

const FAILED = 1;
const HELP = new Set(['--help', '-h']);

/** Runs one of the tools to its exit status: 1, with a message, when it fails. `--help` says how it is used. */
export async function runTool(usage: string, main: () => Promise<number>): Promise<void> {
  if (process.argv.slice(2).some((word) => HELP.has(word))) return console.log(usage);
  process.exitCode = await main().catch((error: unknown) => {
    console.error(messageOf(error, usage));
    return FAILED;
  });
}

/** Node's own words about an option that there is not explain how it could be passed on, which is of no use here. */
function messageOf(error: unknown, usage: string): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof ApiError && error.code === 'FORBIDDEN')
    return `${error.message}. It is given by: npm run grant -- platform EMAIL`;
  const isAboutWords = 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
  return isAboutWords ? `${error.message.split('. ')[0]}\n\n${usage}` : error.message;
}
