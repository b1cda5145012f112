import { SingleBar } from 'cli-progress';

export interface Progress {
  step(): void;
  stop(): void;
}

/** A bar on a terminal; nothing elsewhere. */
export function startProgress(what: string, total: number): Progress {
  const bar = new SingleBar({ format: `     {bar} {value}/{total} ${what}`, hideCursor: true, clearOnComplete: true });
  bar.start(total, 0);
  return { step: () => bar.increment(), stop: () => bar.stop() };
}
