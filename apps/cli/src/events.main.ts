import { parseArgs } from 'node:util';
import { ApiClient, SignInError } from './api-client.js';
import { findTarget } from './config.js';
import { discard, listGroups, replay, showEvents, type ParkedSelection } from './events/parked-events.js';

const USAGE = `npm run events -- COMMAND [FILTER …] --email E --password P [--url URL]

What consumers could not handle. Needs an account with the platform role (npm run grant).

  groups                  by consumer group and kind of failure
  show FILTER             the events, with error, headers and value (--limit N, 20 by default)
  replay FILTER           try them again now (--rate LINES_PER_SECOND, 50 by default)
  discard FILTER          forget them for good
  --dry-run               with replay and discard: only count

A filter is --service S with at least one of --id, --group CONSUMER_GROUP and --fingerprint F; --type and --key narrow it.
--service names one of several services; groups asks all of them unless it is given.
Email and password can stand in GRAPEVINE_EMAIL and GRAPEVINE_PASSWORD.
Exit status: 0 done, 1 it failed, 3 a service did not answer.`;

const FAILED = 1;
const INCOMPLETE = 3;

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
  const filter = Object.entries({ id, consumerGroup: group, fingerprint, type, key }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { ...values, command: positionals[0], filter: Object.fromEntries(filter) };
}
type Arguments = ReturnType<typeof readArguments>;

async function run(client: ApiClient, args: Arguments): Promise<number> {
  const { command, service } = args;
  if (command === 'groups') return (await listGroups(client, service)) ? 0 : INCOMPLETE;
  if (service === undefined || Object.keys(args.filter).length === 0) throw new Error(USAGE);
  const selection: ParkedSelection = { service, filter: args.filter };
  if (command === 'show') await showEvents(client, selection, Number(args.limit));
  else if (command === 'replay') await replay(client, selection, Number(args.rate), args['dry-run']);
  else if (command === 'discard') await discard(client, selection, args['dry-run']);
  else throw new Error(USAGE);
  return 0;
}

async function main(): Promise<number> {
  const args = readArguments();
  if (args.command === undefined) throw new Error(USAGE);
  const target = findTarget(args.url);
  const credentials = { email: args.email ?? target.email, password: args.password ?? target.password };
  if (!credentials.email || !credentials.password) throw new Error(USAGE);
  const client = new ApiClient(target.url);
  const { email, password } = credentials;
  if (!(await client.signIn({ email, password }))) throw new SignInError(`${email}: wrong credentials`);
  return run(client, args);
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return FAILED;
});
