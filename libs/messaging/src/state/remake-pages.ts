import type { InPlaceRun } from './in-place.js';
import type { ReadingProgress } from './state-reader.js';

const AT_ONCE = 2;

/**
 * Makes page after page anew, two at the same time: one is computed while the other is written.
 * @param total of what is counted as progress.
 * @param remake returns how much of that the page was.
 */
export async function remakePages<Page>(
  pages: AsyncGenerator<Page>,
  total: number,
  remake: (page: Page) => Promise<number>,
  { onProgress, signal }: InPlaceRun,
): Promise<ReadingProgress> {
  let done = 0;
  const worker = async (): Promise<void> => {
    for await (const page of pages) {
      signal.throwIfAborted();
      done += await remake(page);
      onProgress({ done: Math.min(done, total), total });
    }
  };
  // Where one fails, it ends the pages for the other one, too, which is waited for: nothing goes on behind the caller.
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  const all = { done: total, total };
  onProgress(all);
  return all;
}
