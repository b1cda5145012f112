import { expect, test } from '@jest/globals';
import { nemesisOptions } from './config.js';
import { progress } from './progress.js';
import { runNemesis } from './run.js';

const { soldAtLeast, ...options } = nemesisOptions();

test(`${options.faults} faults while people buy: nothing is lost, doubled or sold twice (NEMESIS_SEED=${options.seed})`, async () => {
  const say = progress();

  const report = await runNemesis(options, say);

  say(JSON.stringify({ ...report, problems: report.problems.length }));
  expect(report.problems).toEqual([]);
  expect(report.faults).toBe(options.faults);
  expect(report.sales).toBeGreaterThanOrEqual(soldAtLeast(report.checkouts));
  expect(report.social.inFeeds).toBeGreaterThan(0);
  expect(report.checkouts).toBeGreaterThanOrEqual(options.seconds === undefined ? options.checkouts : 1);
}, 3_600_000);
