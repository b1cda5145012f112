/** So long may one command keep all others waiting. */
const SLICE_MS = 4;
const CHECKS_PER_LOOK = 32;

/**
 * Cuts long work into slices: work that may take long gives way when its slice is over (it yields undefined instead of a
 * result), and whoever takes the results lets the others have their turn.
 */
export class Pace {
  private checks = 0;
  private endsAt = performance.now() + SLICE_MS;

  /** Looks at the clock now and then. The next slice begins when work goes on. */
  get isOver(): boolean {
    return ++this.checks % CHECKS_PER_LOOK === 0 && performance.now() > this.endsAt;
  }

  goOn(): void {
    this.endsAt = performance.now() + SLICE_MS;
  }
}

/** Waits for the others' turn. */
export type Turn = () => Promise<void>;

/** The next result of work that gives way. */
export async function nextResult<T extends object>(
  results: Iterator<T | undefined, unknown>,
  turn: Turn,
): Promise<T | undefined> {
  for (;;) {
    const { done, value } = results.next();
    if (done) return undefined;
    if (value !== undefined) return value as T;
    await turn();
  }
}

/** What is counted piece by piece; between pieces the others have their turn. */
export async function total(pieces: Iterable<number>, turn: Turn): Promise<number> {
  let sum = 0;
  let first = true;
  for (const piece of pieces) {
    if (!first) await turn();
    first = false;
    sum += piece;
  }
  return sum;
}
