/** An outbox with something to publish. */
export interface WaitingOutbox {
  readonly id: string;
  readonly since: Date;
}

/** Outboxes with something to publish that wait since then or later, longest waiting first. */
export type WaitingSince = (since: Date) => AsyncIterable<WaitingOutbox>;

export interface ScanLimits {
  /** How many are found by one look, and how many are looked at for that. */
  readonly found: number;
  readonly looked: number;
}

const START = new Date(0);

/**
 * Looks for the outboxes of one instance among all that wait. Those of others may be many, where another one does not get
 * on: so a look that ended before it saw all is followed by one that goes on from there.
 */
export class OutboxScan {
  private from = START;
  private longest: Date | undefined;

  constructor(
    private readonly waitingSince: WaitingSince,
    private readonly limits: ScanLimits,
  ) {}

  /** Since when the one waits that waits longest, as it was when a look began with that; undefined for none. */
  get longestSince(): Date | undefined {
    return this.longest;
  }

  /**
   * The next ones that are ours.
   * @param isIgnored those that nobody waits for.
   */
  async next(isOurs: (one: WaitingOutbox) => boolean, isIgnored: (id: string) => boolean): Promise<string[]> {
    const { found, looked } = this.limits;
    const isFirstLook = this.from === START;
    if (isFirstLook) this.longest = undefined;
    const ours: string[] = [];
    let seen = 0;
    for await (const one of this.waitingSince(this.from)) {
      const isWaitedFor = !isIgnored(one.id);
      if (isFirstLook && isWaitedFor) this.longest ??= one.since;
      if (isWaitedFor && isOurs(one)) ours.push(one.id);
      // Those that were found are to be gone before the next look.
      if (ours.length >= found) break;
      // Not so with those of others. More than these since one moment would be seen no end to: on to the next.
      if (++seen < looked) continue;
      this.from = one.since > this.from ? one.since : new Date(one.since.getTime() + 1);
      return ours;
    }
    this.from = START;
    return ours;
  }
}
