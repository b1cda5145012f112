import { setTimeout as pause } from 'node:timers/promises';
import type { Api } from '../support/api.js';
import type { OrderSeen } from './checker/recording.js';
import type { Bought } from './load.js';
import type { Stage } from './stage.js';

const FINAL = new Set(['CONFIRMED', 'SHIPPED', 'DELIVERED', 'CANCELLED']);
/** The API allows 50 aliases. */
const IN_ONE_REQUEST = 45;
const AT_ONCE = 4;
const AGAIN_AFTER_MS = 200;

/** The states of orders of the shop, in one request. */
async function statesOf(owner: Api, ids: readonly string[]): Promise<[id: string, state: string][]> {
  const fields = ids.map((id, index) => `o${index}: order(id: ${JSON.stringify(id)}) { id state }`);
  const answer = await owner.ask<Record<string, { id: string; state: string } | null>>(`{ ${fields.join(' ')} }`);
  return Object.values(answer).flatMap((order) => (order ? [[order.id, order.state] as [string, string]] : []));
}

/** Looks at orders as the shop's owner sees them. Those that can't be seen are missing. */
export async function seeOrders({ owner }: Stage, bought: readonly Bought[]): Promise<Map<string, string>> {
  const queue = Array.from({ length: Math.ceil(bought.length / IN_ONE_REQUEST) }, (_, index) =>
    bought.slice(index * IN_ONE_REQUEST, (index + 1) * IN_ONE_REQUEST).map(({ id }) => id),
  );
  const states = new Map<string, string>();
  const look = async (): Promise<void> => {
    for (let ids = queue.pop(); ids !== undefined; ids = queue.pop())
      for (const [id, state] of await statesOf(owner.api, ids).catch(() => [])) states.set(id, state);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, look));
  return states;
}

/** Waits until all orders are final, and says when each was first seen to be, from `since` on. */
export async function untilFinal(
  stage: Stage,
  bought: readonly Bought[],
  since: number,
  withinMs: number,
): Promise<Map<string, number>> {
  const finalAfterMs = new Map<string, number>();
  for (;;) {
    const open = bought.filter(({ id }) => !finalAfterMs.has(id));
    const seenAt = Date.now() - since;
    for (const [id, state] of await seeOrders(stage, open)) if (FINAL.has(state)) finalAfterMs.set(id, seenAt);
    if (finalAfterMs.size === bought.length || Date.now() - since > withinMs) return finalAfterMs;
    await pause(AGAIN_AFTER_MS);
  }
}

export const ordersSeen = (
  states: ReadonlyMap<string, string>,
  finalAfterMs: ReadonlyMap<string, number>,
): OrderSeen[] => [...states].map(([id, state]) => ({ id, state, finalAfterMs: finalAfterMs.get(id) ?? null }));
