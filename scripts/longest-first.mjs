// Jest's order of the test files: those from end to end take longest and begin, those without servers fill what is left
// of the other worker's time. Among themselves what is known to take long comes first, then the larger file, as jest
// itself would have it.
import { statSync } from 'node:fs';
import { relative } from 'node:path';

const KINDS = ['e2e', 'integration', 'unit'];

/** Seconds, roughly, on two cores: of those that would end a run alone if they began late. */
const SECONDS = {
  'e2e/crash': 90,
  'e2e/tools': 75,
  'e2e/nemesis/nemesis': 60,
  'e2e/outage': 50,
  'e2e/nemesis/mutation': 40,
  'e2e/story': 25,
  'e2e/last-piece': 20,
  'apps/platform/test/parts': 40,
  'libs/embedded-mongo/test/durability': 40,
  'libs/messaging/test/consumer-runner': 35,
  'libs/messaging/test/projection-member': 35,
  'apps/order/test/crash': 30,
  'libs/embedded-kafka/test/clients': 25,
  'apps/order/test/payment': 20,
  'apps/order/test/stall': 20,
  'apps/order/test/deadline': 20,
};

const rankOf = ({ context }) => KINDS.indexOf(context.config.displayName?.name);
const secondsOf = ({ path, context }) =>
  SECONDS[
    relative(context.config.rootDir, path)
      .replaceAll('\\', '/')
      .replace(/\.[a-z0-9]+\.spec\.ts$/, '')
  ] ?? 0;

export default class LongestFirst {
  sort(tests) {
    const sizes = new Map(tests.map((test) => [test, statSync(test.path).size]));
    return tests.toSorted(
      (a, b) => rankOf(a) - rankOf(b) || secondsOf(b) - secondsOf(a) || sizes.get(b) - sizes.get(a),
    );
  }

  shard(tests) {
    return tests;
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
}
