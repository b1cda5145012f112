import type { ReadingProgress } from './state-reader.js';

const AT_ONCE = 2;

export interface InPlaceRun {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ReadingProgress) => void;
}

/**
 * What is made anew where it stands, while everything goes on: nothing is cleared, and whatever others write at the same
 * moment stays. So it may be done at any time, be cut off anywhere, and be done by two at once.
 */
export interface InPlaceRebuild {
  readonly name: string;
  /** Names of those that have to be there before. */
  readonly after?: readonly string[];
  /**
   * Asked once, where nothing is known of it: whether it holds nothing, though there is what it is made of.
   * @param topicsExist resolves when there is something to ask the broker about.
   */
  isMissing(topicsExist: Promise<unknown>): Promise<boolean>;
  rebuild(run: InPlaceRun): Promise<ReadingProgress>;
}

/** Makes documents of a service anew from others of its own; a provider of its modules. */
export type Remake = Omit<InPlaceRebuild, 'name' | 'after'>;

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

/** Of steps one after the other, of which each says only then how much it has to do. */
export class SummedProgress {
  private readonly steps: ReadingProgress[] = [];

  constructor(private readonly onProgress: (progress: ReadingProgress) => void) {}

  get sum(): ReadingProgress {
    const count = (of: 'done' | 'total') => this.steps.reduce((sum, step) => sum + step[of], 0);
    return { done: count('done'), total: count('total') };
  }

  next(): (progress: ReadingProgress) => void {
    const index = this.steps.push({ done: 0, total: 0 }) - 1;
    return (progress) => {
      this.steps[index] = progress;
      this.onProgress(this.sum);
    };
  }
}
