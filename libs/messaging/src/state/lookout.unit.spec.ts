import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Lookout } from './lookout.js';

const LONG_MS = 60_000;

test('a wait ends when there is reason to look', async () => {
  const lookout = new Lookout();
  const pause = lookout.pause(LONG_MS);
  lookout.lookAtOnce();
  await pause;
});

test('what is asked for while nobody waits does away with one wait, and no more', async () => {
  const lookout = new Lookout();
  lookout.lookAtOnce();
  lookout.lookAtOnce();
  await lookout.pause(LONG_MS);
  let ended = false;
  const next = lookout.pause(LONG_MS).then(() => (ended = true));
  await turn();
  expect(ended).toBe(false);
  lookout.lookAtOnce();
  await next;
});
