const KEPT = 10_000;

/**
 * What follows from a write (its counts, its place in feeds) is done by the command at once, so that its caller sees it,
 * and again by the write's event, in case the process died between the two. Whoever comes second in the same process
 * finds it done here. Elsewhere it is done again, which changes nothing.
 */
export class SettledWrites {
  private readonly done = new Map<string, Promise<void>>();

  /** @param version of the aggregate after the write. Forgotten when it fails, so that the event tries again. */
  once(aggregateId: string, version: number, effect: () => Promise<void>): Promise<void> {
    const key = `${aggregateId}@${version}`;
    const known = this.done.get(key);
    if (known) return known;
    const running = effect();
    this.done.set(key, running);
    running.catch(() => this.done.delete(key));
    if (this.done.size > KEPT) this.done.delete(this.done.keys().next().value ?? key);
    return running;
  }
}
