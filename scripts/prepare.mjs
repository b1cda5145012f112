// Installs and builds what is missing or out of date. Needs nothing but Node.js: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const INSTALLED = 'node_modules/.grapevine-lock';
const BUILT = 'dist/.grapevine-sources';
const SOURCE = /\.(ts|graphql|mjs|json)$|^\.swcrc$/;
const TEST = /\.spec\.ts$/;

const root = join(import.meta.dirname, '..');
process.chdir(root);

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && SOURCE.test(entry.name) && !TEST.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

function fingerprint(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

const stampIs = (file, value) => existsSync(file) && readFileSync(file, 'utf8') === value;

function run(what, command, args) {
  console.error(`${what} …`);
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (status === 0) return;
  console.error(`${what} failed${error ? `: ${error.message}` : ''}`);
  process.exit(1);
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Grapevine needs Node.js 20.19 or newer; this is ${process.versions.node}`);
  process.exit(1);
}

/** Dependencies as the lockfile says, and dist/ as the sources say. Quick when both are there already. */
export function prepare() {
  requireNode();
  const lock = fingerprint(['package-lock.json']);
  if (!stampIs(INSTALLED, lock)) {
    run('Installing dependencies', 'npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error']);
    writeFileSync(INSTALLED, lock);
  }
  const sources = fingerprint([
    ...filesBelow('apps'),
    ...filesBelow('libs'),
    '.swcrc',
    'package.json',
    'scripts/build.mjs',
  ]);
  if (!stampIs(BUILT, sources)) {
    run('Building', process.execPath, ['scripts/build.mjs']);
    writeFileSync(BUILT, sources);
  }
}
