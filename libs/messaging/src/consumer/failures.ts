import { z } from 'zod';
import { InvalidEventError } from '#persistence';
import { InvalidMessageError } from '../cloud-event.js';
import { Park } from './outcomes.js';

/** A handler did not come to an end in time. It may still run: what it does later must be as idempotent as a repetition. */
export class HandlerTimeoutError extends Error {
  readonly code = 'MESSAGING.HANDLER_TIMEOUT';

  constructor(timeoutMs: number) {
    super(`the handler did not end within ${timeoutMs} ms`);
    this.name = 'HandlerTimeoutError';
  }
}

const DEFECTS = [SyntaxError, ReferenceError, RangeError, TypeError] as const;

/** Why an event is parked whose handler has not come to its end: others no longer wait for it. */
export class StillRunningError extends Error {
  readonly code = 'MESSAGING.STILL_RUNNING';

  constructor() {
    super('the handler takes long, and still ran when this was written');
    this.name = 'StillRunningError';
  }
}

/**
 * Whether trying again at once can't help: the event or the code is wrong, or the handler hangs. Node's `fetch` reports
 * a lost connection as a TypeError too, but with the cause in it: that one is worth another try.
 */
export function isPermanent(error: unknown): boolean {
  if (error instanceof z.ZodError) return true;
  if (!(error instanceof Error)) return false;
  if (error instanceof Park || error instanceof InvalidMessageError) return true;
  if (error instanceof InvalidEventError || error instanceof HandlerTimeoutError) return true;
  return error.cause === undefined && DEFECTS.some((defect) => error instanceof defect);
}
