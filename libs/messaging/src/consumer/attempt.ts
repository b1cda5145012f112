import { isTransientDatabaseError } from '#persistence';
import { isPermanent } from './failures.js';
import { Discard, RetryLater } from './outcomes.js';

/** What one attempt came to. */
export type Attempt =
  | { readonly outcome: 'handled' | 'skipped' }
  | { readonly outcome: 'discarded' | 'permanent' | 'outage' | 'later' | 'failed'; readonly error: unknown };

export function failedBy(error: unknown): Attempt {
  if (error instanceof Discard) return { outcome: 'discarded', error };
  if (error instanceof RetryLater) return { outcome: 'later', error };
  if (isTransientDatabaseError(error)) return { outcome: 'outage', error };
  return { outcome: isPermanent(error) ? 'permanent' : 'failed', error };
}
