// Jest's order of the test files: those from end to end take longest and begin, those without servers fill what is left
// of the other worker's time. Among themselves the larger file comes first, as jest itself would have it.
import { statSync } from 'node:fs';

const KINDS = ['e2e', 'integration', 'unit'];
const rankOf = ({ context }) => KINDS.indexOf(context.config.displayName?.name);

export default class LongestFirst {
  sort(tests) {
    const sizes = new Map(tests.map((test) => [test, statSync(test.path).size]));
    return tests.toSorted((a, b) => rankOf(a) - rankOf(b) || sizes.get(b) - sizes.get(a));
  }

  shard(tests) {
    return tests;
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
}
