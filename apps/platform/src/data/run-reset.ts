import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import type { Variables } from '#service-kit';
import { loadPlatformConfig } from '../config.js';
import { explain } from '../explain.js';
import { findDataFolder } from './data-folder.js';
import { DataFolderError } from './data-folder.errors.js';
import { planReset, reset, type ResetPlan } from './reset-data.js';

/** The whole of `npm run reset`. Status 1 when nothing was deleted though there was something. */
export async function runReset(args: string[], variables: Variables): Promise<void> {
  try {
    const { values } = parseArgs({ args, options: { yes: { type: 'boolean', default: false } } });
    const folder = findDataFolder(loadPlatformConfig(variables).dataDir);
    const plan = planReset(folder);
    if (!plan) {
      say(`There are no data at ${folder.dir}.`);
    } else if (values.yes || (await isWanted(folder.dir, plan))) {
      reset(folder, plan);
      say(`Deleted the data at ${folder.dir}.`);
    } else {
      say('Nothing was deleted.');
      process.exitCode = 1;
    }
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 1;
  }
}

async function isWanted(dir: string, { bytes }: ResetPlan): Promise<boolean> {
  if (!process.stdin.isTTY) throw new DataFolderError(`Nobody is there to ask: npm run reset -- --yes deletes ${dir}`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const megabytes = (bytes / 1_000_000).toFixed(1);
  const answer = await terminal.question(`Delete everything at ${dir} (${megabytes} MB)? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
