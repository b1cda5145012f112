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

const ONCE = { hideCursor: true, clearOnComplete: true };

/** A bar on a terminal; nothing elsewhere. */
export function startProgress(what: string, total: number): Progress {
  const bar = new SingleBar({ format: `     {bar} {value}/{total} ${what}`, ...ONCE });
  bar.start(total, 0);
  return { step: () => bar.increment(), stop: () => bar.stop() };
}

/** A bar on a terminal once something is known of the extent, and until then that it has not begun; nothing elsewhere. */
export function startMovingProgress(name: string, what: string): MovingProgress {
  const bar = new SingleBar({ format: `     {bar} {percentage} % of {total} ${what}  ${name}`, ...ONCE });
  const waiting = new SingleBar({ format: `     ${name}: waiting for its service to begin`, ...ONCE });
  let shown = waiting;
  shown.start(1, 0);
  return {
    set: (done, total) => {
      if (total === 0) return;
      if (shown === waiting) {
        waiting.stop();
        shown = bar;
        bar.start(total, done);
      }
      bar.setTotal(total);
      bar.update(done);
    },
    stop: () => shown.stop(),
  };
}
