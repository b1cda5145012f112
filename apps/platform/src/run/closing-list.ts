import { withDeadline, type Logger } from '#service-kit';

interface Step {
  readonly what: string;
  readonly withinMs: number;
  close(): Promise<void> | void;
}

/**
 * What has been started, closed in the opposite order. A step that takes longer than it may is left behind: the next
 * ones still run, and nothing that was acknowledged depends on it.
 */
export class ClosingList {
  private readonly steps: Step[] = [];
  private closing: Promise<void> | undefined;
  logger: Pick<Logger, 'warn'> | undefined;

  get hasBegun(): boolean {
    return this.closing !== undefined;
  }

  /** What is started while the list is being closed is closed at once. */
  add(step: Step): void {
    if (this.closing) void this.run(step);
    else this.steps.push(step);
  }

  close(): Promise<void> {
    return (this.closing ??= this.closeAll());
  }

  private async closeAll(): Promise<void> {
    for (let step = this.steps.pop(); step; step = this.steps.pop()) await this.run(step);
  }

  private async run(step: Step): Promise<void> {
    const work = Promise.resolve().then(() => step.close());
    await withDeadline(work, step.withinMs, () => new Error(`not done after ${step.withinMs} ms`)).catch(
      (error: unknown) => this.logger?.warn({ err: error }, `${step.what} at shutdown`),
    );
  }
}
