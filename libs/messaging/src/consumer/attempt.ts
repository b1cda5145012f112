import { isTransientDatabaseError } from '#persistence';
import { isPermanent } from './failures.js';
import { Discard, RetryLater } from './outcomes.js';

/** What one attempt came to. */
export type Attempt = { readonly outcome: 'handled' | 'skipped' } | FailedAttempt;

export interface FailedAttempt {
  readonly outcome: 'discarded' | 'permanent' | 'outage' | 'later' | 'failed';
  readonly error: Error;
  readonly tookMs: number;
}

/** Never throws, whatever was thrown: what can't even be read would hold up its partition for ever. */
export function failedBy(thrown: unknown, tookMs = 0): FailedAttempt {
  try {
    return { outcome: outcomeOf(thrown), error: asError(thrown), tookMs };
  } catch {
    return { outcome: 'failed', error: new Error('the handler threw what can not be read'), tookMs };
  }
}

/** Handlers may throw anything, and errors whose message is an object. What is logged and kept of it is text. */
function asError(thrown: unknown): Error {
  if (!(thrown instanceof Error)) return new Error(String(thrown));
  const isText = [thrown.name, thrown.message, thrown.stack].every((part) => typeof part === 'string');
  return isText ? thrown : new Error(String(thrown), { cause: thrown.cause });
}

function outcomeOf(error: unknown): FailedAttempt['outcome'] {
  if (error instanceof Discard) return 'discarded';
  if (error instanceof RetryLater) return 'later';
  if (isTransientDatabaseError(error)) return 'outage';
  return isPermanent(error) ? 'permanent' : 'failed';
}
