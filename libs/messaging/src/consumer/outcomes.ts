/**
 * Thrown by a handler that can't deal with an event yet, though nothing is wrong with it.
 * With `afterMs` it is set aside for that time at once; without, it is retried by the usual policy.
 * Later events of its key wait behind it.
 */
export class RetryLater extends Error {
  readonly code = 'MESSAGING.RETRY_LATER';

  constructor(
    reason: string,
    readonly afterMs?: number,
  ) {
    super(reason);
    this.name = 'RetryLater';
  }
}

/** Thrown by a handler for an event that never needs to be handled, now or later. It is counted and logged, not parked. */
export class Discard extends Error {
  readonly code = 'MESSAGING.DISCARD';

  constructor(reason: string) {
    super(reason);
    this.name = 'Discard';
  }
}

/**
 * Thrown by a handler for an event that it can't deal with as things are, and that a person has to look at: an invariant
 * is broken. It is parked at once, without the usual tries, and later events of its key wait behind it.
 */
export class Park extends Error {
  readonly code = 'MESSAGING.PARK';

  constructor(reason: string) {
    super(reason);
    this.name = 'Park';
  }
}
