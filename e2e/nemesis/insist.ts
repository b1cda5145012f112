import { setTimeout as pause } from 'node:timers/promises';

const AGAIN_AFTER_MS = 200;
const GIVE_UP_AFTER_MS = 120_000;

/** Nobody answered for two minutes. */
export class UnansweredError extends Error {
  readonly code = 'NEMESIS.UNANSWERED';
}

/** Asks again until there is an answer, as a client does whose connection breaks. Errors: UnansweredError. */
export async function insist<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const until = Date.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > until) throw new UnansweredError(`no answer: ${String(error)}`, { cause: error });
      await pause(AGAIN_AFTER_MS);
    }
  }
}
