// npm run nemesis [-- OPTIONS]: the long form of e2e/nemesis, on embedded servers, on those that KAFKA_BROKERS and MONGODB_URI
// name (which are not hurt then), or with --real on those that a folder's start and stop scripts run, which are killed, too.
// With --mutate, the product is broken in that way, and the run passes when the checker sees it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare } from './prepare.mjs';

const USAGE = `npm run nemesis [-- OPTIONS]
  --checkouts 5000       carts that become orders
  --faults 24
  --seconds N            the load lasts for so long instead, with a fault each 10 s at least
  --seed N               repeats the load and the faults of the run that printed it
  --real                 on the servers of ../shared/real
  --logs FOLDER          keeps what the processes say
  --mutate NAME          version-guard, dedup, commit-order, skipped-event, fan-out, recount or all`;
const REAL_SCRIPTS = '../shared/real';
const JEST = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
const TEST = ['--selectProjects', 'e2e', '--runInBand', '--testPathPatterns'];
const OPTIONS = {
  checkouts: { type: 'string' },
  faults: { type: 'string' },
  seconds: { type: 'string' },
  seed: { type: 'string' },
  real: { type: 'boolean' },
  logs: { type: 'string' },
  mutate: { type: 'string' },
};

const given = variables();
prepare();
const spec = given.NEMESIS_MUTATE ? 'e2e/nemesis/mutation' : 'e2e/nemesis/nemesis';
const env = { ...process.env, NEMESIS_FORM: 'long', ...given };
const child = spawn(process.execPath, [...JEST, ...TEST, spec], { stdio: 'inherit', env });
// When it ends, whatever ends it, the processes that it started end with it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (status) => (process.exitCode = status ?? 1));

function variables() {
  try {
    const { real, logs, mutate, ...numbers } = parseArgs({ options: OPTIONS }).values;
    const wrong = Object.entries(numbers).find(([, value]) => !/^\d+$/.test(value));
    if (wrong) throw new Error(`--${wrong[0]} is not a number`);
    const scripts = resolve(REAL_SCRIPTS);
    if (real && !existsSync(resolve(scripts, 'start'))) throw new Error(`There are no scripts in ${scripts}`);
    return {
      ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [`NEMESIS_${name.toUpperCase()}`, value])),
      ...(real ? { NEMESIS_REAL: scripts } : {}),
      ...(logs ? { NEMESIS_LOGS: resolve(logs) } : {}),
      ...(mutate ? { NEMESIS_MUTATE: mutate } : {}),
    };
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(1);
  }
}
