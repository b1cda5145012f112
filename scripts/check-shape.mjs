// Runs the architecture's rules, and fails too when the tool saw no modules or none of a rule's kind:
// a rule that matches nothing would pass in silence.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const folders = ['apps', 'libs'].flatMap((root) => readdirSync(root).map((name) => `${root}/${name}/`));
const args = ['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', '--config', '.dependency-cruiser.cjs'];
const options = { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'inherit'] };

const report = JSON.parse(
  execFileSync(process.execPath, [...args, '--output-type', 'json', 'apps', 'libs'], { ...options, env: process.env }),
);
const sources = report.modules.map(({ source }) => source).filter((source) => /^(apps|libs)\//.test(source));
const imports = report.modules.flatMap(({ dependencies }) => dependencies);
const unseen = folders.filter((folder) => !sources.some((source) => source.startsWith(folder)));
const crossings = imports.filter(({ module, resolved }) => module.startsWith('#') && resolved.startsWith('libs/'));

for (const { rule, from, to } of report.summary.violations) console.error(`${rule.name}: ${from} -> ${to}`);
if (unseen.length > 0) console.error(`not seen: ${unseen.join(', ')}`);
if (crossings.length === 0) console.error('no package import was resolved into libs/');
const failed = report.summary.violations.length > 0 || unseen.length > 0 || crossings.length === 0;
console.log(`${sources.length} modules, ${imports.length} imports, ${report.summary.violations.length} violations`);
process.exit(failed ? 1 : 0);
