// Holds every event to all of its released versions in libs/contracts/released: fails when one can't be read by readers of
// another, or is not released yet. --write releases what is new and compatible. Also has the AsyncAPI document of all
// events checked by AsyncAPI's own parser.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import { prepare } from './prepare.mjs';

const FOLDER = 'libs/contracts/released';

prepare();
const { allEvents, asyncApiDocument } = await import('../dist/libs/contracts/src/index.js');
const { breakingChanges, nextRelease, ReleasedEvent, textOf, unreleased } =
  await import('../dist/libs/contracts/src/release/released-event.js');

mkdirSync(FOLDER, { recursive: true });
const released = readdirSync(FOLDER).map((name) => ReleasedEvent.parse(JSON.parse(readFileSync(join(FOLDER, name)))));
const problems = breakingChanges(allEvents, released);
if (problems.length > 0) {
  problems.push('a breaking change takes a new type, published beside the old one until its last reader is gone');
} else if (process.argv.includes('--write')) {
  for (const contract of allEvents) write(nextRelease(contract, released));
} else {
  problems.push(...unreleased(allEvents, released).map((type) => `${type} is not released: npm run contracts`));
}
problems.push(...(await problemsOfDocument()));
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

function write(release) {
  if (release === undefined) return;
  const name = `${release.type}.${release.version}.json`;
  writeFileSync(join(FOLDER, name), textOf(release), { flag: 'wx' });
  console.log(`released ${name}`);
}

async function problemsOfDocument() {
  const document = asyncApiDocument(allEvents, { host: '127.0.0.1:9092', namespace: '' });
  const { diagnostics, document: parsed } = await new Parser().parse(JSON.stringify(document));
  const wrong = diagnostics.filter(({ severity }) => severity <= 1);
  if (parsed === undefined && wrong.length === 0) return ['the AsyncAPI document can not be parsed'];
  return wrong.map(({ message, path }) => `AsyncAPI: ${path.join('.')}: ${message}`);
}
