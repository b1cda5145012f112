// npm run test:real: the conformance suites and the story against the servers that KAFKA_BROKERS and MONGODB_URI name,
// so that the embedded ones and the real ones never drift apart. With --all every integration and end-to-end test;
// other arguments name the tests to run.
import { runPasses } from './jest-passes.mjs';
import { prepare } from './prepare.mjs';

const CONFORMANCE = ['libs/embedded-kafka', 'libs/embedded-mongo', 'libs/messaging', 'libs/persistence'];
const STORY = ['e2e/story'];

const given = process.argv.slice(2).filter((argument) => argument !== '--all');
const isAll = process.argv.includes('--all') || given.length > 0;
// Named tests may all be of one kind.
const named = given.length > 0 ? ['--passWithNoTests', ...given] : [];

const missing = ['KAFKA_BROKERS', 'MONGODB_URI'].filter((name) => !process.env[name]);
if (missing.length > 0) {
  console.error(`${missing.join(' and ')} must name the servers to test against`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}
prepare();
runPasses([
  ['--selectProjects', 'integration', '--runInBand', ...(isAll ? named : CONFORMANCE)],
  ['--selectProjects', 'e2e', '--runInBand', ...(isAll ? named : STORY)],
]);
