import { expect, test } from '@jest/globals';
import { StorageError } from './errors.js';
import { newReport } from './report.js';

test('a full disk is told of in one line, once in ten seconds; a surprise comes with its stack', () => {
  let nowMs = 0;
  const told: string[] = [];
  const report = newReport(
    (text) => told.push(text),
    () => nowMs,
  );
  for (nowMs = 0; nowMs < 20_000; nowMs += 100) report(new StorageError('the disk is full: 9 MB free'));
  expect(told).toEqual(Array(2).fill('Embedded Kafka broker: the disk is full: 9 MB free\n'));
  report(new TypeError('surprise'));
  expect(told.at(-1)).toMatch(/TypeError: surprise\n\s+at /);
});
