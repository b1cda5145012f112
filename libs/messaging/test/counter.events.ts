import { z } from 'zod';
import { defineEvent } from '#contracts';

const topic = { topic: 'test.counter.v1', owner: 'catalog', key: 'counterId' } as const;

/** One aggregate of a test: it counts, and tells each count. */
export const Counted = defineEvent({
  ...topic,
  type: 'counter.counted',
  description: 'A counter went up.',
  schema: z.object({ n: z.number().int() }),
  example: { n: 1 },
});
/** Published on the same topic; nobody in these tests knows it. */
export const Renamed = defineEvent({
  ...topic,
  type: 'counter.renamed',
  description: 'A counter has another name.',
  schema: z.object({ name: z.string() }),
  example: { name: 'a' },
});
