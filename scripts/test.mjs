// npm test: prepares what is missing, runs every test (or those that the arguments name), and closes with one line
// that counts them all.
import { runPasses } from './jest-passes.mjs';
import { prepare } from './prepare.mjs';

const given = process.argv.slice(2);
// Named tests may all be of one kind.
const named = given.length > 0 ? ['--passWithNoTests', ...given] : [];

prepare();
runPasses(
  given.includes('--selectProjects')
    ? [given]
    : [
        ['--selectProjects', 'unit', 'integration', ...named],
        ['--selectProjects', 'e2e', '--runInBand', ...named],
      ],
);
