// node scripts/run.mjs ENTRY [ARG ...]: prepares what is missing, then runs dist/ENTRY in this process.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';

const [entry, ...args] = process.argv.slice(2);
const callersFolder = process.env.INIT_CWD ?? process.cwd();
prepare();
const file = join(process.cwd(), 'dist', entry);
process.argv = [process.argv[0], file, ...args];
// File arguments are relative to where the command was typed, not to the project.
process.env.CALLERS_FOLDER = callersFolder;
await import(pathToFileURL(file).href);
