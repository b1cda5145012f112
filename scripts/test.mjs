// npm test: prepares what is missing, runs every test (or those that the arguments name), and closes with one line
// that counts them all.
import { runPasses } from './jest-passes.mjs';
import { prepare } from './prepare.mjs';

/** Those from end to end keep a core busy each. Those with servers wait half of their time: three share two cores. */
const PASSES = [
  ['--selectProjects', 'e2e', 'unit'],
  ['--maxWorkers=3', '--selectProjects', 'integration'],
];

const given = process.argv.slice(2);
const areFiles = given.every((argument) => !argument.startsWith('-'));
// Files that are named may all be of one pass.
const named = given.length > 0 ? ['--passWithNoTests', ...given] : [];

prepare();
runPasses(areFiles ? PASSES.map((pass) => [...named, ...pass]) : [given]);
