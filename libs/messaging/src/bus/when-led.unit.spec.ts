import { expect, test } from '@jest/globals';
import { whenLed } from './when-led.js';

const failure = (type: string) => Object.assign(new Error(type), { type });

/** Fails so many times with that type, and answers then. */
function failing(times: number, type: string) {
  let asked = 0;
  const ask = () => (asked++ < times ? Promise.reject(failure(type)) : Promise.resolve('offsets'));
  return { ask, asked: () => asked };
}

const noWait = () => Promise.resolve();

test('offsets are asked for again while a partition has no leader yet', async () => {
  const { ask, asked } = failing(3, 'NOT_LEADER_FOR_PARTITION');
  expect(await whenLed(ask, noWait)).toBe('offsets');
  expect(asked()).toBe(4);
});

test('but not for ever, and not after other failures', async () => {
  const leaderless = failing(100, 'LEADER_NOT_AVAILABLE');
  await expect(whenLed(leaderless.ask, noWait)).rejects.toThrow('LEADER_NOT_AVAILABLE');
  expect(leaderless.asked()).toBe(6);
  const other = failing(1, 'TOPIC_AUTHORIZATION_FAILED');
  await expect(whenLed(other.ask, noWait)).rejects.toThrow('TOPIC_AUTHORIZATION_FAILED');
  expect(other.asked()).toBe(1);
});
