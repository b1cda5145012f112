import type { ReadingProgress } from './state-reader.js';

/** One at a time, and the latest: there may be a thousand in a second. */
export class ProgressReports {
  private latest: ReadingProgress | undefined;
  private writing: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly write: (progress: ReadingProgress) => Promise<void>,
    everyMs: number,
  ) {
    this.timer = setInterval(() => this.flush(), everyMs);
  }

  take(progress: ReadingProgress): void {
    this.latest = progress;
  }

  async close(last?: ReadingProgress): Promise<void> {
    clearInterval(this.timer);
    this.latest = last;
    this.flush();
    await this.writing;
  }

  private flush(): void {
    const { latest } = this;
    this.latest = undefined;
    // Only what somebody watches: the rebuild does not fail by it.
    if (latest !== undefined) this.writing = this.writing.then(() => this.write(latest)).catch(() => undefined);
  }
}
