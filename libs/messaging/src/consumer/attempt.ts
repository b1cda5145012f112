import { isTransientDatabaseError } from '#persistence';
import { isPermanent } from './failures.js';
import { Discard, RetryLater } from './outcomes.js';

/** What one attempt came to. */
export type Attempt = { readonly outcome: 'handled' | 'skipped' } | FailedAttempt;

export interface FailedAttempt {
  readonly outcome: 'discarded' | 'permanent' | 'outage' | 'later' | 'failed';
  readonly error: unknown;
  readonly tookMs: number;
}

export const failedBy = (error: unknown, tookMs = 0): FailedAttempt => ({ outcome: outcomeOf(error), error, tookMs });

function outcomeOf(error: unknown): FailedAttempt['outcome'] {
  if (error instanceof Discard) return 'discarded';
  if (error instanceof RetryLater) return 'later';
  if (isTransientDatabaseError(error)) return 'outage';
  return isPermanent(error) ? 'permanent' : 'failed';
}
