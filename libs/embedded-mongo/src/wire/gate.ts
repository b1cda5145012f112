/** A door that every request and every answer passes. Closed while the server is paused. */
export class Gate {
  private opened: Promise<void> | undefined;
  private release: () => void = () => undefined;

  get isClosed(): boolean {
    return this.opened !== undefined;
  }

  close(): void {
    this.opened ??= new Promise((resolve) => (this.release = resolve));
  }

  open(): void {
    this.opened = undefined;
    this.release();
  }

  async passed(): Promise<void> {
    while (this.opened !== undefined) await this.opened;
  }
}
