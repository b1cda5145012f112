import { parseArgs } from 'node:util';
import type { ApiClient } from './api-client.js';
import { discard, listGroups, replay, showEvents } from './events/parked-events.js';
import { runTool } from './run-tool.js';
import { signedIn } from './signed-in.js';

const USAGE = `npm run events -- COMMAND [FILTER …] --email E --password P [--url URL]

What consumers could not handle. Needs an account with the platform role (npm run grant).

  groups                  by consumer group and kind of failure
  show FILTER             the events, with error, headers and value (--limit N, 20 by default)
  replay FILTER           try them again now (--rate LINES_PER_SECOND, 50 by default, 500 at most)
  discard FILTER          forget them for good
  --dry-run               with replay and discard: only count

A filter is --service S with at least one of --id, --group CONSUMER_GROUP and --fingerprint F; --type and --key narrow it.
--service names one of several services; groups asks all of them unless it is given.
Email and password can stand in GRAPEVINE_EMAIL and GRAPEVINE_PASSWORD.
Exit status: 0 done, 1 it failed, 3 a service did not answer.`;

const COMMANDS = new Set(['groups', 'show', 'replay', 'discard']);
const INCOMPLETE = 3;
/** What the API takes. */
const MOST = { rate: 500, limit: 10_000 };
/** One of them has to be there, so that nobody forgets all that a service has parked by a slip. */
const NEEDED = ['id', 'consumerGroup', 'fingerprint'];

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      service: { type: 'string' },
      id: { type: 'string' },
      group: { type: 'string' },
      fingerprint: { type: 'string' },
      type: { type: 'string' },
      key: { type: 'string' },
      rate: { type: 'string', default: '50' },
      limit: { type: 'string', default: '20' },
      'dry-run': { type: 'boolean', default: false },
      email: { type: 'string' },
      password: { type: 'string' },
      url: { type: 'string' },
    },
  });
  const { id, group, fingerprint, type, key } = values;
  const numbers = {
    rate: numberOf('--rate', values.rate, MOST.rate),
    limit: numberOf('--limit', values.limit, MOST.limit),
  };
  const filter = Object.entries({ id, consumerGroup: group, fingerprint, type, key }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { ...values, ...numbers, command: positionals[0], filter: Object.fromEntries(filter) };
}

function numberOf(option: string, text: string, most: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option} ${text} is no whole number above 0`);
  if (number > most) throw new Error(`${option} ${text} is more than ${most}`);
  return number;
}
type Arguments = ReturnType<typeof readArguments>;

/** What is wrong with the arguments; undefined where nothing is. */
function problemOf({ command, service, filter }: Arguments): string | undefined {
  if (command === 'groups') return undefined;
  if (!COMMANDS.has(command ?? '')) return `There is no command ${command}`;
  if (service === undefined) return 'Of which service? --service is missing';
  if (Object.keys(filter).length === 0) return 'Which events? A filter is missing';
  return NEEDED.some((name) => name in filter) ? undefined : '--type and --key alone are no filter';
}

async function run(client: ApiClient, args: Arguments): Promise<number> {
  const { command, service = '', filter, 'dry-run': dryRun } = args;
  if (command === 'groups') return (await listGroups(client, args.service, print)) ? 0 : INCOMPLETE;
  if (command === 'show') await showEvents(client, { service, filter }, args.limit, print);
  else if (command === 'replay') await replay(client, { service, filter, perSecond: args.rate, dryRun }, print);
  else await discard(client, { service, filter, dryRun }, print);
  return 0;
}

const print = (line: string): void => console.log(line);

async function main(): Promise<number> {
  const args = readArguments();
  if (args.command === undefined) throw new Error(USAGE);
  const problem = problemOf(args);
  if (problem !== undefined) throw new Error(`${problem}\n\n${USAGE}`);
  return run(await signedIn(args, USAGE), args);
}

await runTool(USAGE, main);
