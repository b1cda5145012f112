import type { NemesisOptions } from './run.js';

interface TestOptions extends NemesisOptions {
  readonly capturedAtLeast: number;
}

/** As part of all tests: about a minute. Nothing here asserts how fast a loaded machine is. */
const SHORT = {
  checkouts: 40,
  faults: 8,
  skus: 4,
  pieces: 12,
  buyersAtOnce: 6,
  pauseMs: 400,
  finalWithinMs: 120_000,
  capturedAtLeast: 1,
};
/** `npm run nemesis`. */
const LONG = {
  checkouts: 5_000,
  faults: 20,
  skus: 50,
  pieces: 60,
  buyersAtOnce: 16,
  pauseMs: 20,
  finalWithinMs: 30_000,
  capturedAtLeast: 2_000,
};

/** `NEMESIS_SEED` repeats a run; `NEMESIS_FORM=long` is the long form, whose figures can be set one by one. */
export function nemesisOptions(env: NodeJS.ProcessEnv = process.env): TestOptions {
  const form = env['NEMESIS_FORM'] === 'long' ? LONG : SHORT;
  const given = (name: string, otherwise: number): number => Number(env[name] || otherwise);
  const checkouts = given('NEMESIS_CHECKOUTS', form.checkouts);
  return {
    ...form,
    seed: given('NEMESIS_SEED', Date.now() % 2 ** 31),
    checkouts,
    faults: given('NEMESIS_FAULTS', form.faults),
    capturedAtLeast: Math.min(form.capturedAtLeast, Math.max(1, Math.floor(checkouts * 0.4))),
  };
}
