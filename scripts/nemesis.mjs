// npm run nemesis [-- --checkouts 5000 --faults 20 --seed N]: the long form of e2e/nemesis, on embedded servers or on those
// that KAFKA_BROKERS and MONGODB_URI name. The seed that it prints repeats load and faults.
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { prepare } from './prepare.mjs';

const NUMBER = { type: 'string' };
const JEST = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
const TEST = ['--selectProjects', 'e2e', '--runInBand', '--testPathPatterns', 'e2e/nemesis/nemesis'];

const given = variables();
prepare();
const env = { ...process.env, NEMESIS_FORM: 'long', ...given };
const child = spawn(process.execPath, [...JEST, ...TEST], { stdio: 'inherit', env });
// When it ends, whatever ends it, the processes that it started end with it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (status) => (process.exitCode = status ?? 1));

function variables() {
  try {
    const { values } = parseArgs({ options: { checkouts: NUMBER, faults: NUMBER, seed: NUMBER } });
    const wrong = Object.entries(values).find(([, value]) => !/^\d+$/.test(value));
    if (wrong) throw new Error(`--${wrong[0]} is not a number`);
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [`NEMESIS_${name.toUpperCase()}`, value]));
  } catch (error) {
    console.error(`${error.message}\nnpm run nemesis [-- --checkouts 5000 --faults 20 --seed N]`);
    process.exit(1);
  }
}
