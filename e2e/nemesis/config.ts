import { join } from 'node:path';
import { isMutation, MUTATION_NAMES, type Mutation } from './mutations.js';
import type { RealSettings } from './real-servers.js';
import type { NemesisOptions } from './run.js';

interface TestOptions extends NemesisOptions {
  /** How many sales so many checkouts must have made: a run that sells little proves little. */
  soldAtLeast(checkouts: number): number;
}

const FINAL_WITHIN_MS = 30_000;

/** As part of all tests: about a minute. */
const SHORT = {
  checkouts: 24,
  faults: 8,
  skus: 4,
  pieces: 12,
  buyersAtOnce: 6,
  pauseMs: 400,
  socialActs: 4,
  // Small pages, so that there are several of them.
  pageSize: 8,
  finalWithinMs: FINAL_WITHIN_MS,
  pace: { gapMs: 500, longestMs: 2_000 },
  soldAtLeast: 1,
};
/** `npm run nemesis`. */
const LONG = {
  checkouts: 5_000,
  faults: 24,
  skus: 50,
  pieces: 60,
  buyersAtOnce: 16,
  pauseMs: 20,
  socialActs: 1,
  pageSize: 100,
  finalWithinMs: FINAL_WITHIN_MS,
  pace: { gapMs: 700, longestMs: 4_000 },
  soldAtLeast: 2_000,
};
/** With a defect put in: few SKUs that everybody wants. */
const MUTATED = {
  ...SHORT,
  checkouts: 24,
  skus: 2,
  pieces: 60,
  buyersAtOnce: 8,
  pauseMs: 50,
  pace: { gapMs: 200, longestMs: 2_000 },
};
const SECONDS_OF_A_FAULT = 10;

/** `NEMESIS_SEED` repeats a run; `NEMESIS_FORM=long` is the long form, whose figures can be set one by one. */
export function nemesisOptions({ mutation }: { mutation?: Mutation } = {}, env = process.env): TestOptions {
  const form = mutation ? MUTATED : env['NEMESIS_FORM'] === 'long' ? LONG : SHORT;
  const given = (name: string): number | undefined => (env[name] ? Number(env[name]) : undefined);
  const seconds = given('NEMESIS_SECONDS');
  const checkouts = given('NEMESIS_CHECKOUTS') ?? form.checkouts;
  const inTime = seconds === undefined ? form.faults : Math.max(form.faults, Math.ceil(seconds / SECONDS_OF_A_FAULT));
  return {
    ...form,
    seed: given('NEMESIS_SEED') ?? Date.now() % 2 ** 31,
    seconds,
    mutation,
    checkouts,
    faults: given('NEMESIS_FAULTS') ?? inTime,
    soldAtLeast: (done) => Math.min(form.soldAtLeast, Math.max(1, Math.floor(done * 0.4))),
    real: env['NEMESIS_REAL'] ? realSettings(env) : undefined,
    logs: env['NEMESIS_LOGS'] || undefined,
  };
}

/** `NEMESIS_MUTATE` names one, or all; without it the one that shows soonest. */
export function chosenMutations(env: NodeJS.ProcessEnv = process.env): readonly Mutation[] {
  const name = env['NEMESIS_MUTATE'] || 'version-guard';
  if (name === 'all') return MUTATION_NAMES;
  if (!isMutation(name)) throw new Error(`There is no mutation ${name}, only ${MUTATION_NAMES.join()} and all`);
  return [name];
}

/** The folder with `start` and `stop`; what is set for them is passed on. */
function realSettings(env: NodeJS.ProcessEnv): RealSettings {
  const folder = env['REAL_DIR'] || join(env['HOME'] ?? '', '.cache/real-servers');
  const set = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return { scripts: env['NEMESIS_REAL'] ?? '', folder, env: Object.fromEntries(set) };
}
