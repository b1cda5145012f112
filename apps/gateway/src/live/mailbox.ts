/** What came since the last look. `missed`: more than this came, and only the present state tells what. */
export interface Mail<Item> {
  readonly items: readonly Item[];
  readonly missed: boolean;
}

const CAPACITY = 256;

/** A bounded queue for one reader. It never blocks its writers: when it is full it keeps the fact, not the items. */
export class Mailbox<Item> {
  private items: Item[] = [];
  private isMissed = false;
  private failure: Error | undefined;
  private isClosed = false;
  private wake: (() => void) | undefined;

  constructor(
    private readonly onClose: () => void,
    private readonly capacity = CAPACITY,
  ) {}

  put(item: Item): void {
    if (this.items.length >= this.capacity) return this.miss();
    this.items.push(item);
    this.wake?.();
  }

  miss(): void {
    this.items = [];
    this.isMissed = true;
    this.wake?.();
  }

  /** The reader gets this error instead of more mail. */
  fail(error: Error): void {
    this.failure ??= error;
    this.wake?.();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.onClose();
    this.wake?.();
  }

  /** Waits for mail. Undefined once it is closed; throws what `fail` was given. */
  async take(): Promise<Mail<Item> | undefined> {
    while (this.items.length === 0 && !this.isMissed && !this.failure && !this.isClosed) {
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.wake = undefined;
    }
    if (this.isClosed) return undefined;
    if (this.failure) throw this.failure;
    const mail = { items: this.items, missed: this.isMissed };
    this.items = [];
    this.isMissed = false;
    return mail;
  }
}
