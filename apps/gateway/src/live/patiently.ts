import { setTimeout as pause } from 'node:timers/promises';
import { ServiceUnavailableError } from '#service-kit';

const RETRY_DELAYS_MS = [250, 1_000, 3_000];

/** Asks again while a service is away: a subscription outlives its short absence. */
export async function patiently<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (const delayMs of RETRY_DELAYS_MS) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ServiceUnavailableError)) throw error;
      await pause(delayMs, undefined, { ref: false });
    }
  }
  return ask();
}
