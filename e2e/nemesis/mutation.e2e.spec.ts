import { expect, test } from '@jest/globals';
import { chosenMutations, nemesisOptions } from './config.js';
import { MUTATIONS } from './mutations.js';
import { progress } from './progress.js';
import { runNemesis } from './run.js';

test.each(chosenMutations())(
  'the checker fails a product whose %s is switched off',
  async (mutation) => {
    const options = { ...nemesisOptions({ mutation }), finalWithinMs: 15_000 };
    const say = progress();

    const { problems } = await runNemesis(options, say);

    for (const problem of problems.slice(0, 10)) say(problem);
    expect(problems).toContainEqual(expect.stringMatching(MUTATIONS[mutation].cause));
  },
  600_000,
);
