import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@jest/globals';
import { isCi } from './config.js';

/** Where clients/install.sh puts what is not the system's. */
const installed = join(import.meta.dirname, '../../../.cache/clients');

export const sourceOf = (file: string): string => join(import.meta.dirname, 'clients', file);
export const installedAt = (name: string): string => join(installed, name);
export const isInstalled = (name: string): boolean => existsSync(installedAt(name));

/** A client that is not there is a failure in CI; elsewhere it is said aloud, and its tests are skipped. */
export function testWith(client: string, isThere: boolean): typeof test | typeof test.skip {
  if (isThere || isCi) return test;
  process.stderr.write(`${client} is not installed: the broker is NOT tested with it (test/clients/install.sh)\n`);
  return test.skip;
}

export function answers(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Resolves with what the command has printed; rejects with what it has complained of. */
export function run(command: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { timeout: 50_000, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command} failed: ${stderr}`, { cause: error }));
    });
    child.stdin?.end(input);
  });
}
