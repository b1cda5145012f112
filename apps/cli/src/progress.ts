import { SingleBar } from 'cli-progress';

export interface Progress {
  step(): void;
  stop(): void;
}
/** Of work whose extent becomes known only on the way. */
export interface MovingProgress {
  set(done: number, total: number): void;
  stop(): void;
}

/** A bar on a terminal; nothing elsewhere. */
export function startProgress(what: string, total: number): Progress {
  const bar = new SingleBar({ format: `     {bar} {value}/{total} ${what}`, hideCursor: true, clearOnComplete: true });
  bar.start(total, 0);
  return { step: () => bar.increment(), stop: () => bar.stop() };
}

/** A bar on a terminal; nothing elsewhere. */
export function startMovingProgress(what: string): MovingProgress {
  const bar = new SingleBar({
    format: `     {bar} {percentage} % of {total} ${what}`,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(0, 0);
  return {
    set: (done, total) => {
      bar.setTotal(total);
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}
