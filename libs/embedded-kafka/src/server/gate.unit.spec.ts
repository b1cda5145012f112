import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../test/fake-clock.js';
import { Gate, gatedClock } from './gate.js';

describe('gate', () => {
  test('holds a timer that is due while it is closed, and starts it anew when it opens', async () => {
    const clock = new FakeClock();
    const gate = new Gate();
    let fired = 0;
    gatedClock(clock, gate).after(100, () => void (fired += 1));
    gate.close();
    clock.advance(1_000);
    expect(fired).toBe(0);
    gate.open();
    await gate.passed();
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(99);
    expect(fired).toBe(0);
    clock.advance(1);
    expect(fired).toBe(1);
  });

  test('does not wake a timer that was cancelled while it was closed', async () => {
    const clock = new FakeClock();
    const gate = new Gate();
    let fired = 0;
    const cancel = gatedClock(clock, gate).after(100, () => void (fired += 1));
    gate.close();
    clock.advance(1_000);
    cancel();
    gate.open();
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_000);
    expect(fired).toBe(0);
  });
});
