import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eachOnce } from './each-once.js';

async function* streamOf(pages: readonly (readonly string[])[]): AsyncGenerator<string[]> {
  for (const page of pages) yield [...page];
}

test('values of several streams come in order and each once', async () => {
  const stream = fc.uniqueArray(fc.integer({ min: 100, max: 300 }), { maxLength: 60 }).chain((numbers) =>
    fc.array(fc.nat(9), { maxLength: 8 }).map((sizes) => {
      const values = numbers.toSorted((one, other) => one - other).map(String);
      const pages = sizes.map((size) => values.splice(0, size));
      return [...pages, values];
    }),
  );
  const property = fc.asyncProperty(fc.array(stream, { maxLength: 4 }), async (streams) => {
    const seen: string[] = [];
    for await (const page of eachOnce(...streams.map(streamOf))) {
      expect(page).not.toHaveLength(0);
      seen.push(...page);
    }
    expect(seen).toEqual([...new Set(streams.flat(2))].toSorted());
  });
  await fc.assert(property);
});
