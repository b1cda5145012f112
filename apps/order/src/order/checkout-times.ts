import type { CheckoutPolicy } from './order.policy.js';

/** The times of the checkout, as configured, for injection. */
export class CheckoutTimes {
  constructor(
    readonly policy: CheckoutPolicy,
    /** How often overdue orders are looked for. */
    readonly sweepMs: number,
  ) {}
}
