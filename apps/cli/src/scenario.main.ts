import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { findTarget, NoSystemError } from './config.js';
import { loadInput } from './scenario/input.js';
import { runScenario } from './scenario/run-scenario.js';
import { runTool } from './run-tool.js';

const USAGE = `npm run scenario [-- --people 962] [--orders 200] [--url URL]

Plays a story against the running system, on real input from ../shared/data where that is there, and checks every step.
Exit status: 0 all as expected, 1 not.`;

const DATA = '../shared/data';
const PEOPLE = '60';
const ORDERS = '200';

function readArguments() {
  const { values } = parseArgs({
    options: {
      people: { type: 'string', default: PEOPLE },
      orders: { type: 'string', default: ORDERS },
      url: { type: 'string' },
    },
  });
  const size = { people: Number(values.people), orders: Number(values.orders) };
  if (Object.values(size).some((count) => !Number.isSafeInteger(count) || count < 1)) throw new Error(USAGE);
  return { size, url: values.url };
}

async function main(): Promise<number> {
  const { size, url } = readArguments();
  const { paymentSandboxUrl, ...target } = findTarget(url);
  if (!paymentSandboxUrl || target.kafkaBrokers.length === 0) {
    throw new NoSystemError('For a system that stands elsewhere set KAFKA_BROKERS and PAYMENT_SANDBOX_URL');
  }
  const isAsExpected = await runScenario({
    ...target,
    paymentSandboxUrl,
    input: await loadInput(DATA, size),
    run: Date.now().toString(36),
    password: randomBytes(9).toString('base64url'),
    print: (line) => console.log(line),
  });
  return isAsExpected ? 0 : 1;
}

await runTool(USAGE, main);
