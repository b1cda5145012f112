import type { RetryPolicy } from '../payment/payment.js';

/** The times of the checkout, in milliseconds. */
export interface CheckoutPolicy {
  /** The catalog answers for every line within this time, or the order is cancelled. */
  readonly reserveMs: number;
  /** From the reservation on, the payment is authorised within this time. */
  readonly payMs: number;
  /** The reservation outlives the time to pay by this. */
  readonly slackMs: number;
  /** Money is captured only while the reservation lives on for this long: the catalog must have time to hear of it. */
  readonly captureMarginMs: number;
  /** How long whoever wrote a call down has for making it before another may take it for dead. */
  readonly graceMs: number;
  readonly retry: RetryPolicy;
  /** How often an order that waits for others to undo their part is looked at. */
  readonly watchMs: number;
  /** An order that is being undone for longer than this is reported as an error in the log. */
  readonly alarmMs: number;
}

export const CHECKOUT_POLICY: CheckoutPolicy = {
  reserveMs: 30_000,
  payMs: 15 * 60_000,
  slackMs: 5 * 60_000,
  captureMarginMs: 2 * 60_000,
  graceMs: 5_000,
  retry: { firstMs: 500, maxMs: 10_000 },
  watchMs: 10 * 60_000,
  alarmMs: 60 * 60_000,
};
