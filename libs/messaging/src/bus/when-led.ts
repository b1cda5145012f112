import { setTimeout as pause } from 'node:timers/promises';

/** Types of kafkajs's KafkaJSProtocolError. */
const LEADERLESS = new Set<unknown>(['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE']);
const WAITS_MS = [50, 100, 200, 400, 800];

/**
 * Asks for offsets, again while the broker does not lead the partition yet: moments after a topic was made, cluster and
 * broker may differ on that, and kafkajs gives up at once. @throws what is still so after some 1.5 s; all else.
 */
export async function whenLed<Answer>(
  ask: () => Promise<Answer>,
  wait: (ms: number) => Promise<unknown> = pause,
): Promise<Answer> {
  for (const waitMs of WAITS_MS) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Error && 'type' in error && LEADERLESS.has(error.type))) throw error;
    }
    await wait(waitMs);
  }
  return ask();
}
