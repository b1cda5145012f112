import { describe, expect, test } from '@jest/globals';
import { Gathering } from './gathering.js';

describe('gathering what a fetch can bring', () => {
  const start = () => {
    const clock = { ms: 1_000 };
    const gathering = new Gathering(() => clock.ms);
    const delayAt = (ms: number, messages = 1, isAll = true) => {
      clock.ms = ms;
      return gathering.delayMs({ messages, isAll });
    };
    return delayAt;
  };

  test('waits a moment where one fetch comes soon after the other, and not with the first after a silence', () => {
    const delayAt = start();
    expect(delayAt(1_000)).toBe(0);
    expect(delayAt(1_030)).toBe(20);
    expect(delayAt(1_060)).toBe(20);
    expect(delayAt(1_200)).toBe(0);
    expect(delayAt(1_201)).toBe(20);
  });

  test('lets all partitions of one fetch wait until the same moment', () => {
    const delayAt = start();
    delayAt(1_000);
    expect([delayAt(1_010), delayAt(1_010), delayAt(1_012)]).toEqual([20, 20, 18]);
  });

  test('never waits with a backlog', () => {
    const delayAt = start();
    delayAt(1_000);
    expect(delayAt(1_010, 1, false)).toBe(0);
    expect(delayAt(1_010, 500)).toBe(0);
  });
});
