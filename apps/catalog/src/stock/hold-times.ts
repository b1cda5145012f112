/** How often holds are looked after, as configured, for injection. */
export class HoldTimes {
  constructor(
    /** Between two looks for holds that have run out. */
    readonly sweepMs: number,
    /** How long a hold stays after its end: so long an event that comes again costs no look at the order's record. */
    readonly forgetAfterMs: number,
  ) {}
}

export const DEFAULT_HOLD_TIMES = new HoldTimes(1_000, 10_000);
