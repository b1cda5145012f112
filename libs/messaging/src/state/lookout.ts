/** Waits between two looks, unless there is reason to look at once. */
export class Lookout {
  private isDue = false;
  private end: () => void = () => undefined;

  /** Ends the wait under way, or else does away with the next one: what was asked for during a look may have been missed. */
  lookAtOnce(): void {
    this.isDue = true;
    this.end();
  }

  async pause(ms: number): Promise<void> {
    if (!this.isDue) await this.wait(ms);
    this.isDue = false;
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
