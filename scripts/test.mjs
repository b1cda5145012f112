// npm test: prepares what is missing, runs every test (or those that the arguments name), and closes with one line
// that counts them all.
import { runPasses } from './jest-passes.mjs';
import { prepare } from './prepare.mjs';

prepare();
runPasses([process.argv.slice(2)]);
