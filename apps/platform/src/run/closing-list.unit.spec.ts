import { describe, expect, test } from '@jest/globals';
import { ClosingList } from './closing-list.js';

describe('what has been started', () => {
  test('is closed in the opposite order, once', async () => {
    const closed: string[] = [];
    const list = new ClosingList();
    for (const what of ['servers', 'services', 'gateway']) {
      list.add({ what, withinMs: 1_000, close: () => void closed.push(what) });
    }
    await Promise.all([list.close(), list.close()]);
    expect(closed).toEqual(['gateway', 'services', 'servers']);
  });

  test('is closed although something before it hangs or fails', async () => {
    const warnings: string[] = [];
    const closed: string[] = [];
    const list = new ClosingList();
    list.logger = { warn: (_: unknown, message?: string) => void warnings.push(message ?? '') };
    list.add({ what: 'lock', withinMs: 1_000, close: () => void closed.push('lock') });
    list.add({ what: 'broken', withinMs: 1_000, close: () => Promise.reject(new Error('no')) });
    list.add({ what: 'hanging', withinMs: 5, close: () => new Promise(() => undefined) });
    await list.close();
    expect(closed).toEqual(['lock']);
    expect(warnings).toEqual(['hanging at shutdown', 'broken at shutdown']);
  });

  test('while the rest is being closed is closed at once', async () => {
    const list = new ClosingList();
    const closing = list.close();
    const closed = new Promise<void>((resolve) => {
      list.add({ what: 'late', withinMs: 1_000, close: resolve });
    });
    await Promise.all([closing, closed]);
    expect(list.hasBegun).toBe(true);
  });
});
