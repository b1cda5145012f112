// npm run check: everything that can be said of the code without a server. Stops at nothing, so that one run shows all.
import { spawnSync } from 'node:child_process';
import { prepare } from './prepare.mjs';

const STEPS = [
  ['format', 'check:format'],
  ['lint', 'check:lint'],
  ['types', 'check:types'],
  ['architecture', 'check:shape'],
  ['GraphQL schema', 'check:schema'],
  ['event contracts', 'check:contracts'],
  ['documentation', 'check:docs'],
  ['unit tests', 'test:unit'],
];

prepare();
const failed = STEPS.filter(([name, script]) => {
  console.log(`== ${name}`);
  return (
    spawnSync('npm', ['run', '--silent', script], { stdio: 'inherit', shell: process.platform === 'win32' }).status !==
    0
  );
});
for (const [name] of failed) console.error(`FAILED: ${name}`);
process.exitCode = failed.length > 0 ? 1 : 0;
