/** npm passes a terminal's Ctrl-C on to what it runs, which so gets it twice within moments. */
const SAME_KEY_PRESS_MS = 700;

/** What a process does with signals; `process` itself outside of tests. */
interface Signalled {
  on(signal: 'SIGINT' | 'SIGTERM', listener: (signal: string) => void): unknown;
  exit(status: number): void;
}

/**
 * The first SIGINT or SIGTERM stops, and ends the process with status 0; the next one ends it at once, which loses
 * nothing that was acknowledged.
 */
export function stopOnSignals(
  stop: (signal: string) => Promise<void>,
  target: Signalled = process,
  now: () => number = Date.now,
): void {
  let firstAt: number | undefined;
  const onSignal = (signal: string): void => {
    if (firstAt === undefined) {
      firstAt = now();
      void stop(signal).then(
        () => target.exit(0),
        () => target.exit(1),
      );
    } else if (now() - firstAt >= SAME_KEY_PRESS_MS) {
      target.exit(130);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) target.on(signal, onSignal);
}
