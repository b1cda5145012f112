/** A clock that a test sets and moves. `now` can be passed on as it is. */
export interface FixedClock {
  readonly now: () => Date;
  advance(ms: number): void;
}

export function fixedClock(start: Date | string = '2026-11-23T12:00:00.000Z'): FixedClock {
  let ms = new Date(start).getTime();
  return {
    now: () => new Date(ms),
    advance: (by) => {
      ms += by;
    },
  };
}
