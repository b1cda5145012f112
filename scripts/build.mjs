// Compiles apps and libs with SWC into dist/, beside their .graphql files.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
const swc = ['node_modules/@swc/cli/bin/swc.js', 'apps', 'libs', '-d', 'dist', '--quiet', '--ignore', '**/*.spec.ts'];
const { status } = spawnSync(process.execPath, swc, { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
cpSync('apps', 'dist/apps', { recursive: true, filter: (path) => !/\.(ts|md)$/.test(path) });
