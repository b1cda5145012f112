import { EventEmitter } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { stopOnSignals } from './stop-on-signals.js';

class FakeProcess extends EventEmitter {
  readonly statuses: number[] = [];
  exit(status: number): void {
    this.statuses.push(status);
  }
}

function given(stop: () => Promise<void>) {
  const target = new FakeProcess();
  let nowMs = 0;
  let stops = 0;
  const counted = (): Promise<void> => {
    stops++;
    return stop();
  };
  stopOnSignals(counted, target, () => nowMs);
  const signal = (name: 'SIGINT' | 'SIGTERM', atMs: number): void => {
    nowMs = atMs;
    target.emit(name, name);
  };
  return { signal, statuses: target.statuses, stops: () => stops };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const forever = (): Promise<void> => new Promise(() => undefined);

describe('signals', () => {
  test('the first one stops, and the process ends with status 0 when that is done', async () => {
    const { signal, statuses } = given(() => Promise.resolve());
    signal('SIGTERM', 0);
    expect(statuses).toEqual([]);
    await turn();
    expect(statuses).toEqual([0]);
  });

  test('the same Ctrl-C, passed on by npm, is not a second one', async () => {
    const { signal, statuses, stops } = given(forever);
    signal('SIGINT', 0);
    signal('SIGINT', 20);
    await turn();
    expect(statuses).toEqual([]);
    expect(stops()).toBe(1);
  });

  test('a second Ctrl-C ends the process at once', () => {
    const { signal, statuses } = given(forever);
    signal('SIGINT', 0);
    signal('SIGINT', 1_000);
    expect(statuses).toEqual([130]);
  });

  test('a stop that fails is told by the status', async () => {
    const { signal, statuses } = given(() => Promise.reject(new Error('no')));
    signal('SIGINT', 0);
    await turn();
    expect(statuses).toEqual([1]);
  });
});
