import { parseArgs } from 'node:util';
import { listProjections, rebuildProjection } from './rebuild/projections.js';
import { runTool } from './run-tool.js';
import { signedIn } from './signed-in.js';

const USAGE = `npm run rebuild -- [PROJECTION] --email E --password P [--url URL]

Makes a projection, for example social-feed.products, anew from Kafka while everything runs, and shows how far it is.
Ctrl-C ends the watching, not the rebuild. Without a name, lists the projections that there are, and how far they are.
Needs an account with the platform role: npm run grant -- platform EMAIL.

Email and password can stand in GRAPEVINE_EMAIL and GRAPEVINE_PASSWORD.
Exit status: 0 done, 1 it failed, 3 a service did not answer.`;

const INCOMPLETE = 3;
const print = (line: string): void => console.log(line);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { email: { type: 'string' }, password: { type: 'string' }, url: { type: 'string' } },
  });
  if (positionals.length > 1) throw new Error(`One projection at a time\n\n${USAGE}`);
  const client = await signedIn(values, USAGE);
  const [name] = positionals;
  if (name === undefined) return (await listProjections(client, print)) ? 0 : INCOMPLETE;
  await rebuildProjection(client, name, print);
  return 0;
}

await runTool(USAGE, main);
